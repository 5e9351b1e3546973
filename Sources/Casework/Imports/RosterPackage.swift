import Dates

/// A file that a OneRoster package may have and that is read here; the others are left alone.
public enum RosterFile: String, Sendable, CaseIterable {
    case orgs, users, roles, classes, enrollments

    /// As it is called in the zip.
    public var name: String { rawValue + ".csv" }
}

/// A OneRoster package, version 1.1 or 1.2 (CSV binding): a zip with a `manifest.csv` that says what each file is.
public struct RosterPackage: Sendable {
    /// What the manifest says of a file.
    public enum Mode: String, Sendable, CaseIterable {
        /// All there is: what is missing from it is gone.
        case bulk
        /// What has changed; each row says how.
        case delta
        case absent
    }

    /// A file of the package.
    struct Part: Sendable {
        let file: RosterFile
        let mode: Mode
        let content: ImportFile
        /// Whether it is all there is although its rows have a status: a server says that some are gone, and still names them.
        var isWholeWithStatus = false
    }

    /// Whether roles stand in a file of their own.
    let isVersion12: Bool
    /// In the order in which they are read.
    private let parts: [Part]

    /// Whether that is meant as a package: a zip file with a manifest, or one that is called so and is no workbook.
    /// - Parameter name: the file's.
    public static func isPackage(_ content: Spool, called name: String) async throws -> Bool {
        guard try await content.bytes(0..<2) == [0x50, 0x4B] else { return false }
        let isCalled = name.lowercased().hasSuffix(".zip")
        guard let archive = try? await ZipArchive(content) else { return isCalled }
        if archive.members.contains(where: { $0.name == manifest }) { return true }
        return isCalled && !archive.members.contains { $0.name == "[Content_Types].xml" }
    }

    private static let manifest = "manifest.csv"

    /// Unpacks what is read here, and obeys the manifest.
    /// - Throws: `invalid` naming the file; `tooLarge`.
    public init(_ content: Spool) async throws {
        let archive = try await ZipArchive(content)
        let known = Set(RosterFile.allCases.map(\.name) + [Self.manifest])
        let members = archive.members.filter { known.contains($0.name) }
        let spools = try await archive.unpack(members)
        var found: [String: Spool] = [:]
        for (member, spool) in zip(members, spools) {
            guard found.updateValue(spool, forKey: member.name) == nil else {
                throw CaseworkError.invalid(member.name, .rosterFileTwice)
            }
        }
        guard let manifest = found[Self.manifest] else { throw CaseworkError.invalid("file", .rosterNoManifest) }
        let properties = try await Self.properties(of: manifest)
        switch properties["oneroster.version"] {
        case "1.1": isVersion12 = false
        case "1.2": isVersion12 = true
        case let other:
            throw CaseworkError.invalid(
                Self.manifest, Refusal(.rosterVersion, ["version": .text(String((other ?? "–").prefix(20)))]))
        }
        var parts: [Part] = []
        var problems: [FieldRefusal] = []
        for file in RosterFile.allCases where isVersion12 || file != .roles {
            let said = properties["file.\(file.rawValue)"]
            guard let mode = Mode(rawValue: said ?? Mode.absent.rawValue) else {
                let choices = Refusal(.rosterMode, ["choices": .list(Mode.allCases.map(\.rawValue))])
                problems.append(FieldRefusal(file.name, choices))
                continue
            }
            switch (mode, found[file.name]) {
            case (.absent, nil): break
            case (.absent, .some): problems.append(FieldRefusal(file.name, .rosterFileUnannounced))
            case (_, nil):
                problems.append(
                    FieldRefusal(file.name, Refusal(.rosterFileMissing, ["mode": .text(mode.rawValue)])))
            case (_, .some(let spool)):
                let choice = FileFormat.Choice(encoding: .utf8, delimiter: .comma)
                parts.append(Part(file: file, mode: mode, content: try await ImportFile(spool, choice)))
            }
        }
        if isVersion12, parts.contains(where: { $0.file == .users && $0.mode == .bulk }),
            !parts.contains(where: { $0.file == .roles }), problems.isEmpty
        {
            problems.append(FieldRefusal(RosterFile.roles.name, .rosterRolesMissing))
        }
        guard problems.isEmpty else { throw CaseworkError.invalid(problems) }
        self.parts = parts
    }

    /// What a server has told, as a package of version 1.2.
    init(told parts: [Part]) {
        isVersion12 = true
        self.parts = parts
    }

    /// The part of that name; nil where it is absent.
    func part(_ file: RosterFile) -> Part? { parts.first { $0.file == file } }

    /// How many bytes its files have, unpacked.
    public var size: Int { parts.reduce(0) { $0 + $1.content.content.size } }

    /// The manifest's pairs of `propertyName` and `value`, both in small letters.
    private static func properties(of manifest: Spool) async throws -> [String: String] {
        guard manifest.size <= 1 << 20 else {
            throw CaseworkError.tooLarge(
                Refusal(.zipTooLarge, ["file": .text(Self.manifest), "most": .number(1 << 20)]))
        }
        var records = try await ImportFile(manifest, FileFormat.Choice(encoding: .utf8, delimiter: .comma)).records()
        let header = try RosterHeader(try await records.next(), of: Self.manifest, requires: ["propertyName", "value"])
        var properties: [String: String] = [:]
        while let record = try await records.next() {
            if let problem = header.problem(of: record) {
                throw CaseworkError.invalid(Self.manifest, problem)
            }
            guard let name = header.value("propertyName", in: record) else { continue }
            properties[name.lowercased()] = header.value("value", in: record)?.lowercased() ?? ""
        }
        return properties
    }
}

/// The first record of a file of a package: which column has which name. Order and case do not matter, and columns that are not
/// asked for, `metadata.*` among them, may hold anything.
struct RosterHeader: Sendable {
    let headings: [String]
    private let places: [String: Int]

    /// - Parameter file: its name, for refusals.
    /// - Throws: `invalid` with the file's name as field.
    init(_ record: CSVRecord?, of file: String, requires: [String]) throws(CaseworkError) {
        guard let record else { throw .invalid(file, .csvEmpty) }
        if let problem = record.problem { throw .invalid(file, problem) }
        headings = record.cells
        var places: [String: Int] = [:]
        for (index, heading) in headings.enumerated() where !heading.isEmpty {
            if places.updateValue(index, forKey: heading.lowercased()) != nil {
                throw .invalid(file, Refusal(.columnTwice, ["column": .text(String(heading.prefix(100)))]))
            }
        }
        let missing = requires.filter { places[$0.lowercased()] == nil }
        if !missing.isEmpty { throw .invalid(file, Refusal(.columnsMissing, ["columns": .list(missing)])) }
        self.places = places
    }

    func problem(of record: CSVRecord) -> Refusal? { record.problem(columns: headings.count) }

    /// The record's cell in that column; nil where there is none or it is blank.
    func value(_ name: String, in record: CSVRecord) -> String? {
        guard let place = places[name.lowercased()], place < record.count else { return nil }
        let cell = record[place]
        return cell.isEmpty ? nil : cell
    }
}

/// What every row of a package's tables begins with.
struct RosterRow {
    let sourcedID: String
    let isDeleted: Bool

    /// - Throws: what is wrong with `sourcedId` or `status`.
    init(_ record: CSVRecord, _ header: RosterHeader, _ mode: RosterPackage.Mode) throws(FieldRefusal) {
        guard let sourcedID = header.value("sourcedId", in: record) else { throw FieldRefusal("sourcedId", .empty) }
        do throws(Refusal) {
            self.sourcedID = try Text.clean(sourcedID, length: 1...255)
        } catch {
            throw FieldRefusal("sourcedId", error)
        }
        switch header.value("status", in: record)?.lowercased() {
        case "active": isDeleted = false
        case "tobedeleted": isDeleted = true
        case nil:
            guard mode == .bulk else { throw FieldRefusal("status", .empty) }
            isDeleted = false
        default:
            throw FieldRefusal("status", Refusal(.notAChoice, ["choices": .list(["active", "tobedeleted"])]))
        }
    }

    /// A day of the package; nil for a blank cell.
    static func day(_ name: String, _ record: CSVRecord, _ header: RosterHeader) throws(FieldRefusal) -> CalendarDate? {
        guard let cell = header.value(name, in: record) else { return nil }
        guard let day = CalendarDate(cell) else { throw FieldRefusal(name, .notADate) }
        return day
    }
}
