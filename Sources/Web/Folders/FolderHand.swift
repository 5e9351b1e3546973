import Casework
import Events
import Foundation
import Tenancy

/// Takes files of one institution's folder, of which it has the lease: from the folder to the history and out of the folder.
struct FolderHand: Sendable {
    let folder: InstitutionFolder
    let institution: Institution
    let work: FolderWork
    let intake: FolderIntake
    let clock: @Sendable () -> Date
    let observers: Observers

    /// Takes a file in, and moves it away unless it waits for an answer. What is known of it already is not done again: of a server that died in between only the
    /// moving is left.
    /// - Throws: `FolderFailure`, `FolderLost`, `PostgresError`.
    func take(_ entry: FolderEntry) async throws {
        let start = ContinuousClock.now
        let kind = FolderKind(entry.name)
        let fault = Self.fault(of: entry, kind)
        let content = fault == nil ? try await folder.read(entry) : nil
        if fault == nil, content == nil { return }
        let known = try await known(of: entry.name, content?.digest)
        if let known, known.isAsked { return }
        if let known, known.state != .waiting {
            return try await clear(entry, known, nil)
        }
        let finding = FolderFinding(name: entry.name, size: entry.state.size, content: content, approved: known)
        let file: FolderFile
        var repair: Spool?
        if let kind, fault == nil {
            (file, repair) = try await intake.take(finding, as: kind, at: clock())
        } else {
            file = try await intake.refuse(finding, fault ?? FolderFault(.name), at: clock())
        }
        let job = Job(.folder, succeeded: file.fault == nil, since: start)
        if let fault = file.fault {
            observers.tell(FolderFileRefused(institution: institution.slug, fault: fault, job: job))
        } else {
            observers.tell(FolderFileDone(institution: institution.slug, file: file, job: job))
        }
        if file.state != .waiting { try await clear(entry, file, repair) }
    }

    /// What is wrong with a file that nobody need look into.
    private static func fault(of entry: FolderEntry, _ kind: FolderKind?) -> FolderFault? {
        if !entry.state.isFile { return FolderFault(.notAFile) }
        if kind == nil { return FolderFault(.name) }
        if entry.state.size > Call.largestFile { return FolderFault(.tooLarge) }
        return nil
    }

    /// What is known of the very file that lies there; nil where it is a new one, though it may say the same.
    private func known(of name: String, _ digest: [UInt8]?) async throws -> FolderFile? {
        guard let last = try await work.last(named: name), !last.isMoved, last.digest == digest else { return nil }
        // a server may have died behind the moving
        guard last.state != .waiting, try await folder.has(Self.name(of: last), in: Self.place(of: last)) else {
            return last
        }
        try await work.noteMoved(last.id)
        return nil
    }

    /// Moves a file away, and writes beside it what is wrong with it.
    private func clear(_ entry: FolderEntry, _ file: FolderFile, _ repair: Spool?) async throws {
        let place = Self.place(of: file)
        if let repair {
            try await folder.write(repair, to: place, as: Self.name(of: file, "-problems", ending: "csv"))
        } else if file.fault != nil || !file.problems.isEmpty {
            var words = SpoolWriter()
            let lines = [file.fault.map { Catalogue.english.said($0) }, file.fault?.detail].compactMap(\.self)
            let said = (lines + file.problems).filter { !$0.isEmpty }.joined(separator: "\n")
            try await words.append("\(said)\n".utf8)
            try await folder.write(words.finish(), to: place, as: Self.name(of: file, "-reason", ending: "txt"))
        }
        _ = try await folder.move(entry, to: place, as: Self.name(of: file))
        try await work.noteMoved(file.id)
    }

    private static func place(of file: FolderFile) -> InstitutionFolder.Place { file.state == .done ? .done : .refused }

    /// What a file is called once it is moved: `students-20261201T030012Z.csv`. So whoever mends the rows beside it puts them back
    /// under a name that says the same.
    static func name(of file: FolderFile, _ mark: String = "", ending: String? = nil) -> String {
        var (stem, end) = (file.name, "")
        if let dot = file.name.lastIndex(of: "."), dot > file.name.startIndex {
            (stem, end) = (String(file.name[..<dot]), String(file.name[dot...].dropFirst()))
        }
        if stem.utf8.count > 150 {
            while stem.utf8.count > 140 { stem.removeLast() }
            // others may begin so too
            stem += "-\(file.id)"
        }
        while end.utf8.count > 50 { end.removeLast() }
        let stamp = (file.endedAt ?? file.startedAt).formatted(
            .iso8601.dateSeparator(.omitted).timeSeparator(.omitted))
        let ended = ending ?? end
        return "\(stem)-\(stamp)\(mark)\(ended.isEmpty ? "" : ".\(ended)")"
    }
}
