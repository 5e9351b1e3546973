import Foundation
import Postgres
import Testing

@Suite struct CatalogueLintTests {
    @Test func `a migrated institution keeps every rule`() async throws {
        let stage = try await Stage.open()
        for rule in LintRule.all {
            let broken = Set(try await stage.values("select x::text from (\(rule.query(stage))) q (x)"))
                .subtracting(LintRule.unanswered.keys)
            #expect(broken.isEmpty, "\(rule.name): \(broken.sorted())")
        }
        let definers = try await stage.values(
            "select proname from pg_proc where pronamespace = '\(stage.schema)'::regnamespace and prosecdef")
        #expect(Set(definers) == Set(LintRule.definers.keys))
    }

    @Test func `a planted offense is noticed, by each rule`() async throws {
        let stage = try await Stage.open()
        for rule in LintRule.all {
            let broken = try await stage.undone {
                try await stage.script(rule.planted(stage))
                return try await stage.values("select x::text from (\(rule.query(stage))) q (x)")
            }
            #expect(!Set(broken).subtracting(LintRule.unanswered.keys).isEmpty, "\(rule.name)")
        }
    }

    @Test func `the platform's tables are closed too`() async throws {
        let stage = try await Stage.open()
        let open = try await stage.values(
            """
            select relname::text from pg_class c where relnamespace = 'waymark'::regnamespace and relkind in ('r', 'p')
              and not (relrowsecurity and relforcerowsecurity
                and exists (select from pg_policy p where p.polrelid = c.oid and p.polname = 'owner_all'))
            """)
        #expect(open.isEmpty)
        let granted = try await stage.values(
            """
            select distinct c.relname || ' ' || g.privilege_type || case when g.grantee = 0 then ''
                else ' to ' || regexp_replace(g.grantee::regrole::text, '[0-9]+$', 'k') end
            from pg_class c
            cross join lateral (
              select (aclexplode(c.relacl)).*
              union all select (aclexplode(a.attacl)).* from pg_attribute a where a.attrelid = c.oid) g
            where c.relnamespace = 'waymark'::regnamespace and g.grantee <> 'waymark_owner'::regrole
            """)
        #expect(
            granted.sorted() == [
                "background_figures SELECT to waymark_app_k", "institutions SELECT", "report_catalog SELECT",
                "schema_states SELECT",
            ]
                + ["DELETE", "INSERT", "SELECT", "UPDATE"].map { "servers \($0) to waymark_app_k" })
    }

    @Test func `every constraint is named where it is written`() throws {
        let unnamed = try Regex(#"\b(primary key|references|unique|check)\b"#)
        let folder = Stage.root.appendingPathComponent("sql")
        for path in ["platform", "institution"] {
            let place = folder.appendingPathComponent(path)
            for name in try FileManager.default.contentsOfDirectory(atPath: place.path) where name.hasSuffix(".sql") {
                let text = try String(contentsOf: place.appendingPathComponent(name), encoding: .utf8)
                for item in Self.items(of: text) where item.contains(unnamed) {
                    #expect(item.contains("constraint "), "\(path)/\(name): \(item)")
                }
            }
        }
    }

    /// The columns and constraints of all `create table` and `alter table` statements of a file.
    static func items(of text: String) -> [String] {
        let lines = text.split(separator: "\n").map {
            $0.split(separator: "--", maxSplits: 1, omittingEmptySubsequences: false).first ?? ""
        }
        return lines.joined(separator: "\n").split(separator: ";").filter { $0.contains(" table ") }.flatMap {
            statement in
            var items = [""]
            var depth = 0
            for character in statement {
                if character == "(" { depth += 1 }
                if character == ")" { depth -= 1 }
                if character == ",", depth <= 1 { items.append("") } else { items[items.count - 1].append(character) }
            }
            return items
        }
    }

    @Test func `a constraint without a name is noticed in the text`() {
        let items = Self.items(
            of: "create table t (a int, b int references x (id), constraint t_pkey primary key (a, b));")
        #expect(items.count == 3)
        #expect(items.filter { !$0.contains("constraint ") && $0.contains("references") }.count == 1)
    }
}
