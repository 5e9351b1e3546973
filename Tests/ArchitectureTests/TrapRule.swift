import Foundation

/// Finds code that ends the process where a value is not what it should be: what is forced, and a part of a split taken by
/// number before anybody has asked how many there are.
struct TrapRule {
    private let forced: [(pattern: Regex<AnyRegexOutput>, what: String)]
    private let splitSubscript: Regex<AnyRegexOutput>
    private let binding: Regex<AnyRegexOutput>

    /// - Throws: where a pattern of its own is none.
    init() throws {
        forced = [
            (try Regex(#"\bas! "#), "forces a type"),
            (
                try Regex(#"\.(first|last|baseAddress|min\(\)|max\(\)|randomElement\(\)|popLast\(\))!"#),
                "forces an element"
            ),
            (try Regex(#"[\w)\]]!\["#), "forces what it takes by number"),
            // it keeps the address, and an array's is good for the call only
            (try Regex(#"BIO_new_mem_buf\((?!\w+\.baseAddress)"#), "lends an array for longer than it stands still"),
            (try Regex(#"uniqueKeysWithValues:(?!.*\.(allCases|indices)\.)"#), "trusts keys of data"),
            (
                try Regex(
                    #"\b(try!|unowned|unsafelyUnwrapped|(fatalError|preconditionFailure|assert|assertionFailure)\()"#),
                "ends the process"
            ),
        ]
        splitSubscript = try Regex(#"(\.split|\.components)\([^()]*(\([^()]*\)[^()]*)*\)(\.map\([^()]*\))?\[\d"#)
        binding = try Regex(#"let (\w+) = .*(\.split|\.components)\("#)
    }

    /// How many lines a bound split is watched for.
    private static let reach = 12

    /// What is wrong in a file, by line from 1.
    func findings(in lines: [Substring]) -> [(line: Int, what: String)] {
        var found: [(line: Int, what: String)] = []
        for (index, line) in lines.enumerated() where !line.trimmingCharacters(in: .whitespaces).hasPrefix("//") {
            for (pattern, what) in forced where line.contains(pattern) { found.append((index + 1, what)) }
            if line.contains(splitSubscript) { found.append((index + 1, "takes a part of a split unasked")) }
            guard let name = line.firstMatch(of: binding)?.output[1].substring else { continue }
            // a check of the number counts from its own line on
            for (offset, later) in lines[index...].prefix(Self.reach).enumerated() {
                let asked = later.range(of: "\(name).count")?.lowerBound
                if let place = later.range(of: #"\b\#(name)\[\d"#, options: .regularExpression)?.lowerBound,
                    asked.map({ $0 > place }) ?? true
                {
                    found.append((index + offset + 1, "takes a part of a split unasked"))
                    break
                }
                if asked != nil { break }
            }
        }
        return found
    }
}
