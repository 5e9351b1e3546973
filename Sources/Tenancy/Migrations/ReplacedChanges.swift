import SchemaFiles

/// The numbered changes that institutions had before their tables were written down whole, and the files that stand for them
/// since: `institution/replaced.txt`.
struct ReplacedChanges: Sendable {
    /// What to do about an institution or an export that is in the middle of them.
    static let refusal = """
        it is in the middle of changes that this waymark has no more: bring it up to date with the last one that has them (commit \
        61b8945), and then with this one; an export is restored by that one and taken anew
        """

    /// Checksums by version.
    let old: [String: String]
    /// The files that make the same, as a ledger has them: checksums by version.
    let new: [String: String]

    /// - Parameter steps: all numbered files there are.
    /// - Throws: `SchemaFiles.Missing`.
    init(steps: [SchemaFiles.File]) throws {
        let lines = try SchemaFiles.file("institution/replaced.txt").text.split(separator: "\n")
        var old: [String: String] = [:]
        var last = ""
        for line in lines where !line.hasPrefix("#") {
            let words = line.split(separator: " ").map(String.init)
            guard let word = words.first, let value = words.dropFirst().first else { continue }
            if word == "until" { last = value } else { old[word] = value }
        }
        self.old = old
        new = steps.filter { $0.name <= last }.reduce(into: [:]) { $0[$1.name] = $1.checksum }
    }

    /// What was applied, by the names of the files that there are now.
    /// - Parameter applied: checksums by version.
    /// - Returns: the same where nothing of it was replaced; nil in the middle of what was.
    func inPresentNames(_ applied: [String: String]) -> [String: String]? {
        let found = applied.filter { old[$0.key] != nil }
        guard !found.isEmpty else { return applied }
        guard found == old, applied.keys.allSatisfy({ new[$0] == nil }) else { return nil }
        return applied.filter { old[$0.key] == nil }.merging(new) { first, _ in first }
    }
}
