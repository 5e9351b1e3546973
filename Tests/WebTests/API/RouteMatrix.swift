import Foundation
import Tenancy
import Web

/// A route of `/api/v1`, or of `/scim/v2`, whose path here begins so.
struct WalkedRoute {
    let method: String
    let path: String
    let access: Route.Access

    /// What every request below `/api/v1` and `/scim/v2` can go to.
    static let all =
        API.routes.map { WalkedRoute($0, below: "") } + API.scim.map { WalkedRoute($0, below: "/scim/v2") }

    private init(_ route: Route, below base: String) {
        let outline = route.outline
        (method, path, access) = (outline.method, base + outline.path, outline.access)
    }

    var name: String { "\(method) \(path)" }
    var isSCIM: Bool { Self.isSCIM(path) }

    static func isSCIM(_ path: String) -> Bool { path.hasPrefix("/scim/v2/") }

    /// What a path of the table begins with where it is called.
    static func base(_ path: String) -> String { isSCIM(path) ? "" : "/api/v1" }
}

/// `routes.csv`: what each role gets on each route of the API. The first columns are method, path and scope, then one for
/// each caller.
///
/// Scopes: `own` and `other` objects (see `RouteScene`), `member` = somebody in a group the caller keeps, `any` where
/// a route names no object, and one line `*,*,elsewhere` for a token at another institution's host.
/// Cells: a status; `a/b` = a while cohorts are the admins' alone, b where they are delegated.
struct RouteMatrix {
    enum Caller: String, CaseIterable {
        case admin, token, director, manager, staff, student, scim
    }

    struct Line: CustomStringConvertible {
        let method: String
        let path: String
        let scope: String
        let cells: [Caller: String]

        var description: String { "\(method) \(path) \(scope)" }
        var route: String { "\(method) \(path)" }
        var isSCIM: Bool { WalkedRoute.isSCIM(path) }
        /// Somebody who may call it.
        var owner: Caller { isSCIM ? .scim : path == "/dashboard" ? .student : .admin }
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
