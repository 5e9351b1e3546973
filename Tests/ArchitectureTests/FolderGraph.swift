import Foundation

/// Which folders of one target use types of which others. A type belongs to the folder that declares it at the beginning of a
/// line, and is told by its name; a name that two folders declare tells nothing.
struct FolderGraph {
    /// One line of a folder that names a type of another.
    struct Use {
        /// `Sources/Web/API/Call.swift:12`.
        let place: String
        let type: String
    }

    /// What a folder uses of each other folder: the first line found.
    private var uses: [String: [String: Use]] = [:]

    /// - Parameter files: of one target.
    /// - Throws: where a pattern of its own is none.
    init(_ files: [SourceTree.File]) throws {
        let declaration = try Regex(
            #"^(@\w+(\([^)]*\))? +)*((public|package|final|indirect) +)*(struct|class|enum|actor|protocol|typealias) +(?<name>\w+)"#
        )
        let code = files.map { (path: $0.path, folder: Self.folder(of: $0.path), lines: Self.code(of: $0.text)) }
        var homes: [String: Set<String>] = [:]
        for file in code {
            for line in file.lines {
                guard let name = line.firstMatch(of: declaration)?["name"]?.substring else { continue }
                homes[String(name), default: []].insert(file.folder)
            }
        }
        for file in code {
            for (index, line) in file.lines.enumerated() {
                for word in line.split(whereSeparator: { !$0.isLetter && !$0.isNumber && $0 != "_" }) {
                    guard let found = homes[String(word)], found.count == 1, let home = found.first,
                        home != file.folder,
                        uses[file.folder]?[home] == nil
                    else { continue }
                    uses[file.folder, default: [:]][home] = Use(place: "\(file.path):\(index + 1)", type: String(word))
                }
            }
        }
    }

    /// Each circle, with the line that makes each of its steps:
    /// `API → Accounts: Sources/Web/API/API.swift:6 uses AccountAPI`.
    var circles: [[String]] {
        var seen: Set<Set<String>> = []
        return uses.keys.sorted().compactMap { start in
            guard let way = shortestWay(from: start), seen.insert(Set(way)).inserted else { return nil }
            return zip(way, way.dropFirst() + [start]).map { folder, next in
                let use = uses[folder]?[next]
                return "\(folder) → \(next): \(use?.place ?? "") uses \(use?.type ?? "")"
            }
        }
    }

    /// The folders on the shortest way from a folder back to itself; nil where there is none.
    private func shortestWay(from start: String) -> [String]? {
        var ways = [[start]]
        var reached: Set<String> = []
        while !ways.isEmpty {
            var longer: [[String]] = []
            for way in ways {
                for next in (uses[way.last ?? start] ?? [:]).keys.sorted() {
                    if next == start { return way }
                    if reached.insert(next).inserted { longer.append(way + [next]) }
                }
            }
            ways = longer
        }
        return nil
    }

    /// `API` for `Sources/Web/API/Call.swift`; `(roof)` for a file directly in the target's folder.
    private static func folder(of path: String) -> String {
        let parts = path.split(separator: "/").dropFirst(2)
        return parts.count > 1 ? parts.first.map(String.init) ?? "" : "(roof)"
    }

    /// The lines of a file without comments and without the text of string literals; what they interpolate stays.
    static func code(of text: String) -> [String] {
        var lines: [String] = []
        var isLongText = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            var code = ""
            var rest = line[...]
            var isText = isLongText
            // for each interpolation we are in, how many parentheses are open within it
            var depths: [Int] = []
            while let character = rest.first {
                if isText {
                    if rest.hasPrefix("\\(") {
                        depths.append(1)
                        isText = false
                        code.append(" ")
                        rest = rest.dropFirst(2)
                    } else if rest.hasPrefix("\\") {
                        rest = rest.dropFirst(2)
                    } else if isLongText ? rest.hasPrefix("\"\"\"") : character == "\"" {
                        rest = rest.dropFirst(isLongText ? 3 : 1)
                        (isText, isLongText) = (false, false)
                    } else {
                        rest.removeFirst()
                    }
                } else if rest.hasPrefix("//") {
                    break
                } else if rest.hasPrefix("\"\"\"") {
                    (isText, isLongText) = (true, true)
                    rest = rest.dropFirst(3)
                } else if character == "\"" {
                    isText = true
                    rest.removeFirst()
                } else {
                    if let depth = depths.last {
                        depths[depths.count - 1] = depth + (character == "(" ? 1 : character == ")" ? -1 : 0)
                        if depths.last == 0 {
                            depths.removeLast()
                            isText = true
                        }
                    }
                    code.append(character)
                    rest.removeFirst()
                }
            }
            lines.append(code)
        }
        return lines
    }
}
