import Foundation

/// `sql/matrix.csv`: who may do what to which rows. The first columns are relation, command and scope, then one for each
/// caller.
///
/// Scopes: `own` and `other` rows of the institution, `any` where a relation does not tell them apart, `columns` of a grant
/// (a line only where some role has a list), and one line `*,*,elsewhere` for every other institution.
/// Cells: `yes`; `no` = granted, but row security leaves nothing; `some` = part of these rows (see `StepTests`);
/// `delegated` = `yes` while cohorts are delegated, else `no`; `-` = not granted at all; of columns a list, `all`, `-`, or
/// `=role` for the same as that role.
struct Matrix: Sendable {
    struct Key: Hashable, Sendable, CustomStringConvertible {
        let relation: String
        let command: String
        let scope: String

        var description: String { "\(relation),\(command),\(scope)" }
    }

    static let commands = ["select", "insert", "update", "delete"]

    let cells: [Key: [Caller: String]]
    let callers: [String]

    static func read() throws -> Matrix {
        Matrix(try String(contentsOf: Stage.root.appendingPathComponent("sql/matrix.csv"), encoding: .utf8))
    }

    init(_ text: String) {
        var lines = text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map {
            $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
        callers = lines.isEmpty ? [] : Array(lines.removeFirst().dropFirst(3))
        var cells: [Key: [Caller: String]] = [:]
        for line in lines where line.count == callers.count + 3 {
            var row: [Caller: String] = [:]
            for (name, cell) in zip(callers, line.dropFirst(3)) {
                if let caller = Caller(rawValue: name) { row[caller] = cell }
            }
            for (caller, cell) in row where cell.hasPrefix("=") {
                row[caller] = Caller(rawValue: String(cell.dropFirst())).flatMap { row[$0] } ?? cell
            }
            cells[Key(relation: line[0], command: line[1], scope: line[2])] = row
        }
        self.cells = cells
    }

    /// What a caller may do; nil where the cell is missing.
    func expected(_ relation: String, _ command: String, _ scope: String, _ caller: Caller, delegated: Bool) -> String?
    {
        let row =
            cells[Key(relation: relation, command: command, scope: scope)]
            ?? cells[Key(relation: relation, command: command, scope: "any")]
        guard let cell = row?[caller] else { return nil }
        return cell == "delegated" ? (delegated ? "yes" : "no") : cell
    }

    /// What a caller may do in any other institution.
    func elsewhere(_ caller: Caller) -> String? {
        cells[Key(relation: "*", command: "*", scope: "elsewhere")]?[caller]
    }

    var relations: Set<String> { Set(cells.keys.map(\.relation)).subtracting(["*"]) }
}
