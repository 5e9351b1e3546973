import Casework
import Tenancy

extension Bench {
    /// A role, what it asks most, and the same rows asked for by a superuser, whom no row security stops.
    private struct Tax {
        let role: String
        let variables: String
        let audience: Audience
        let token: String
        let entered: String
        let bare: String
    }

    /// (b) `enter` and the hot query of each role under row security, against the same rows asked for without either.
    static func taxes(_ stage: Stage, time: Int) async throws -> [Line] {
        var lines: [Line] = []
        for tax in taxes(stage) {
            let schema = stage.institution.schema
            let ours = try await pgbench(
                """
                \(tax.variables)
                \\startpipeline
                select \(schema).enter(\(tax.token), '\(tax.audience.rawValue)', false);
                \(tax.entered);
                \\endpipeline

                """, url: stage.service, clients: 4, seconds: time, searchPath: schema, directory: stage.directory)
            let other = try await pgbench(
                "\(tax.variables)\n\(tax.bare);\n", url: stage.superuser, clients: 4, seconds: time,
                searchPath: schema, directory: stage.directory)
            lines.append(
                Line(
                    what: "(b) row-security tax, \(tax.role): bare query ÷ enter + query", ours: rate(ours),
                    baseline: rate(other), ratio: other / ours, aim: "≤ 2"))
        }
        return lines
    }

    private static func taxes(_ stage: Stage) -> [Tax] {
        let student = Tax(
            role: "student's progress", variables: "\\set i random(0, 63)", audience: .student,
            token: "decode(lpad(to_hex(:i::int), 64, '0'), 'hex')", entered: DashboardRepository.statement,
            bare: """
                select s.content, (now() at time zone s.time_zone)::date, e.cohort_id,
                       (e.joined_at at time zone s.time_zone)::date, p.milestone_id, p.status, p.comment, p.version
                from settings s cross join enrollments e
                left join progress p on p.student_id = e.student_id and p.cohort_id = e.cohort_id
                where e.student_id = :i + 1 and e.active
                """)
        let employed = ["staff", "manager", "director"].map { role in
            Tax(
                role: "\(role)'s list of a cohort", variables: "\\set c 5 * random(0, 7) + 4", audience: .casework,
                token: Stage.token(of: role),
                entered: """
                    select id, email, given_name, family_name, student_number, sort_name from my_students
                    where cohort_id = :c order by sort_name, id limit 51
                    """,
                bare: """
                    select a.id, a.email, a.given_name, a.family_name, a.student_number, a.sort_name
                    from enrollments e join accounts a on a.id = e.student_id
                    where e.cohort_id = :c and e.active and a.status <> 'archived' order by a.sort_name, a.id limit 51
                    """)
        }
        let page = """
            select id, email, given_name, family_name, role, status, student_number, version, sort_name from accounts
            where status <> 'archived' and (sort_name, id) > ('family' || :n, 0) order by sort_name, id limit 51
            """
        let admin = Tax(
            role: "admin's page of accounts", variables: "\\set n random(1, 19000)", audience: .admin,
            token: Stage.token(of: "admin"), entered: page, bare: page)
        return [student] + employed + [admin]
    }
}
