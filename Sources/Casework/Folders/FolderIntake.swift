import FoundationEssentials
import Tenancy

/// A file that lies in the folder.
public struct FolderFinding: Sendable {
    /// What it is called.
    public let name: String
    /// How many bytes it has.
    public let size: Int
    /// Its bytes; nil where they cannot be used.
    public let content: Spool?
    /// SHA-256 of those.
    public let digest: [UInt8]?
    /// What is known of it, where an admin said yes to it.
    public let approved: FolderFile?

    /// - Parameters:
    ///   - content: with its SHA-256; nil where it cannot be used.
    ///   - approved: what is known of it, where an admin said yes.
    public init(name: String, size: Int, content: (bytes: Spool, digest: [UInt8])?, approved: FolderFile? = nil) {
        (self.name, self.approved) = (name, approved)
        self.size = min(max(size, 0), Int(Int32.max))
        (self.content, digest) = (content?.bytes, content?.digest)
    }
}

/// What became of a file.
struct FolderOutcome: Sendable {
    let report: ImportReport?
    let fault: FolderFault?
    let problems: [String]

    init(_ report: ImportReport, says: (FieldRefusal) -> String) {
        self.report = report
        fault = report.isRefused ? FolderFault(.records) : nil
        problems = (report.failures + report.archived).prefix(50).map { failure in
            let said = failure.problem.map(says) ?? failure.result.rawValue
            let place = [failure.file, String(failure.line)].compactMap(\.self).joined(separator: " ")
            let whom = failure.source ?? failure.email
            return String("\(place): \(whom.map { "\($0): " } ?? "")\(said)".unicodeScalars.prefix(400))
        }
    }

    init(_ fault: FolderFault) {
        (report, problems) = (nil, [])
        self.fault = fault
    }

    var state: FolderFile.State {
        switch fault?.kind {
        case nil: .done
        case .stopped: .waiting
        default: .refused
        }
    }
}

/// Takes files of the folder in, each in one transaction with what is written down of it.
public struct FolderIntake: Sendable {
    private let admin: UnitOfWork
    private let system: UnitOfWork
    private let order: FolderWork.Order
    private let says: @Sendable (FieldRefusal) -> String
    /// How often servers may stop on one file, or fail to store it.
    private static let mostTries = 3

    /// - Parameters:
    ///   - admin: by the lease (`Deployment.folder(of:lease:)`).
    ///   - system: of the same deployment.
    ///   - says: the sentence for what is wrong with a row.
    public init(
        admin: UnitOfWork, system: UnitOfWork, _ order: FolderWork.Order,
        says: @escaping @Sendable (FieldRefusal) -> String
    ) {
        (self.admin, self.system, self.order, self.says) = (admin, system, order, says)
    }

    /// Refuses a file that nobody looks into.
    /// - Throws: `FolderLost`.
    public func refuse(_ file: FolderFinding, _ fault: FolderFault, at now: Date) async throws -> FolderFile {
        try await FolderWork(work: system).settle(order, file, FolderOutcome(fault), at: now)
    }

    /// Takes a file in, as a page of imports would that is sent it, and writes down what became of it.
    /// - Returns: that, and the rows to mend where there are such.
    /// - Throws: `FolderLost`; `PostgresError` and other failures of this side. Nothing is stored then.
    public func take(
        _ file: FolderFinding, as kind: FolderKind, at now: Date
    ) async throws -> (file: FolderFile, repair: Spool?) {
        guard let content = file.content, let digest = file.digest,
            let tries = try await FolderWork(work: system).note(order, digest)
        else { throw FolderLost() }
        guard tries <= Self.mostTries else { return (try await refuse(file, FolderFault(.program), at: now), nil) }
        let options = ImportOptions(
            isPartial: order.isPartial, suspendsMissing: order.suspendsMissing,
            mostSuspended: file.approved?.mostSuspended)
        do {
            // what can be told of the file alone keeps nobody waiting
            let read = try await Self.read(content, as: kind)
            return try await admin.transaction(isLong: true) { transaction in
                let outcome = try await outcome(of: read, options, admin.within(transaction))
                let work = FolderWork(work: system.within(transaction))
                let settled = try await work.settle(order, file, outcome, at: now)
                return (settled, outcome.report.flatMap { $0.failed > 0 ? $0.repair : nil })
            }
        } catch let error as CaseworkError {
            return (try await refuse(file, FolderFault(error, says: says), at: now), nil)
        }
    }

    private enum Read: Sendable {
        case package(RosterPackage)
        case rows(ImportFile, FolderKind)
    }

    private static func read(_ content: Spool, as kind: FolderKind) async throws -> Read {
        kind == .package
            ? .package(try await RosterPackage(content)) : .rows(try await ImportFile(content), kind)
    }

    /// Carries the import out as a step, which is undone alone where it is refused.
    private func outcome(of read: Read, _ options: ImportOptions, _ work: UnitOfWork) async throws -> FolderOutcome {
        do {
            let report =
                switch read {
                case .package(let package): try await RosterImport(work: work).run(package, options, says: says)
                case .rows(let file, .staff): try await StaffImport(work: work).run(file, options, says: says)
                case .rows(let file, .members(let cohort)):
                    try await EnrollmentImport(work: work).run(file, into: cohort, options, says: says)
                case .rows(let file, _): try await StudentImport(work: work).run(file, options, says: says)
                }
            return FolderOutcome(report, says: says)
        } catch let error as CaseworkError {
            return FolderOutcome(try FolderFault(error, says: says))
        }
    }
}
