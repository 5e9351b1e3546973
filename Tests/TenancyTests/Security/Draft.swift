import Foundation
import Postgres
import Testing
@Suite struct Draft {
  @Test func draft() async throws {
    let stage = try await Stage.open()
    try await SecurityFixture.fill(stage)
    let cat = try await Catalogue(stage)
    let head = "relation,command,scope," + Caller.allCases.map(\.rawValue).joined(separator: ",")
    var found: [String: [Caller: String]] = [:]
    for delegated in [true, false] {
      try await stage.script("update settings set cohort_delegation = \(delegated)")
      let run = try await MatrixRun(matrix: Matrix(head), stage: stage, relations: cat.relations)
      let d = try await stage.undone { try await run.differences(cat.relations) }
      for x in d { 
        let k = x.key.description
        if delegated { found[k, default: [:]][x.caller] = x.found }
        else if found[k]?[x.caller] == "yes" && x.found == "no" { found[k]?[x.caller] = "delegated" }
        else if found[k]?[x.caller] != x.found { found[k]?[x.caller]? += "/" + x.found }
      }
    }
    var grants: [Caller: [Matrix.Key: String]] = [:]
    for c in Caller.allCases { grants[c] = try await Catalogue.grants(stage, c) }
    var out = [head, "*,*,elsewhere,yes" + String(repeating: ",-", count: Caller.allCases.count - 1)]
    for r in cat.relations {
      for cmd in Matrix.commands where cat.tables.contains(r) || cmd == "select" {
        let own = found["\(r),\(cmd),own"], other = found["\(r),\(cmd),other"]
        func row(_ s: String, _ c: [Caller: String]?) { out.append("\(r),\(cmd),\(s)," + Caller.allCases.map { c?[$0] ?? "?" }.joined(separator: ",")) }
        if other == nil || own == other { row("any", own) } else { row("own", own); row("other", other) }
        let k = Matrix.Key(relation: r, command: cmd, scope: "columns")
        var cells = Caller.allCases.map { grants[$0]?[k] ?? "?" }
        if cells.contains(where: { $0 != "all" && $0 != "-" && $0 != "?" }) {
          for i in cells.indices where cells[i].count > 4 { if let f = cells.firstIndex(of: cells[i]), f < i { cells[i] = "=" + Caller.allCases[f].rawValue } }
          out.append("\(r),\(cmd),columns," + cells.joined(separator: ","))
        }
      }
    }
    for f in cat.functions {
      var cells: [String] = []
      for c in Caller.allCases { cells += try await stage.values("select case when has_function_privilege('\(c.role(in: stage.id))', oid, 'execute') then 'yes' else '-' end from pg_proc where pronamespace = '\(stage.schema)'::regnamespace and proname = '\(f)'") }
      out.append("\(f)(),execute,any," + cells.joined(separator: ","))
    }
    try out.joined(separator: "\n").write(toFile: "/tmp/f5pg/matrix.csv", atomically: true, encoding: .utf8)
  }
}
