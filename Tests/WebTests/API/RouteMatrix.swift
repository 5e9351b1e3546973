import Foundation
import Tenancy
import Web

/// `routes.csv`: what each role gets on each route of the API. The first columns are method, path and scope, then one for
/// each caller.
///
/// Scopes: `own` and `other` objects (see `RouteScene`), `member` = somebody in a group the caller keeps, `any` where
/// a route names no object, and one line `*,*,elsewhere` for a token at another institution's host.
/// Cells: a status; `a/b` = a while cohorts are the admins' alone, b where they are delegated.
struct RouteMatrix {
    enum Caller: String, CaseIterable {
        case admin, token, director, manager, staff, student
    }

    struct Line: CustomStringConvertible {
        let method: String
        let path: String
        let scope: String
        let cells: [Caller: String]

        var description: String { "\(method) \(path) \(scope)" }
        var route: String { "\(method) \(path)" }
        var namesObject: Bool { path.contains("{") && !path.contains("{secret}") }

        func status(_ caller: Caller, delegated: Bool) -> Int? {
            let parts = (cells[caller] ?? "").split(separator: "/")
            return (delegated ? parts.last : parts.first).flatMap { Int($0) }
        }
    }

    let callers: [String]
    let lines: [Line]

    static func read() throws -> RouteMatrix {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("routes.csv")
        return RouteMatrix(try String(contentsOf: file, encoding: .utf8))
    }

    init(_ text: String) {
        var rows = text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map {
            $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
        callers = rows.isEmpty ? [] : Array(rows.removeFirst().dropFirst(3))
        let names = callers
        lines = rows.filter { $0.count == names.count + 3 }.map { row in
            let cells = zip(names, row.dropFirst(3)).compactMap { name, cell in
                Caller(rawValue: name).map { ($0, cell) }
            }
            return Line(
                method: row[0], path: row[1], scope: row[2], cells: Dictionary(cells, uniquingKeysWith: { $1 }))
        }
    }
}
