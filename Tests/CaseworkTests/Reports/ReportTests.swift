import Casework
import Dates
import Foundation
import Postgres
import Tenancy
import TestSupport
import Testing

/// Each report of `sql/reports` on an institution whose numbers are counted in Swift, without asking the database.
@Suite struct ReportTests {
    /// The lines of a report as dictionaries.
    private func lines(
        _ name: String, of place: TestInstitution, _ filter: ReportFilter = ReportFilter()
    ) async throws -> [[String: String]] {
        let report = try #require(try Report.all().first { $0.name == name })
        return try await place.owner(report.lines(filter)).map { line in
            Dictionary(uniqueKeysWithValues: zip(report.columns, line.values.map { $0 ?? "" }))
        }
    }

    private func sum(_ column: String, _ lines: [[String: String]]) -> Int {
        lines.reduce(0) { $0 + (Int($1[column] ?? "") ?? 0) }
    }

    @Test func `progress by cohort and by milestone are what the students have done`() async throws {
        let world = try await CaseloadWorld.make()
        let byCohort = try await lines("progress-by-cohort", of: world.place)
        for (place, name) in ["Amber", "Blue", "Coral"].enumerated() {
            let expected = world.count([place])
            let line = try #require(byCohort.first { $0["cohort"] == name })
            #expect(line["students"] == String(expected.students.count))
            #expect(line["assignments"] == String(expected.total))
            #expect(line["completed"] == String(expected.completed))
            #expect(line["submitted"] == String(expected.waiting))
            let milestones = try await lines("milestone-progress", of: world.place).filter { $0["cohort"] == name }
            #expect(sum("students", milestones) == expected.total)
            #expect(sum("completed", milestones) == expected.completed)
            #expect(sum("submitted", milestones) == expected.waiting)
            let late = world.pairs.count {
                $0.cohort == place && ($0.due ?? 0) < 0 && ($0.status == .open || $0.status == .returned)
            }
            #expect(sum("overdue", milestones) == late)
        }
        let completed = try await lines("time-to-completion", of: world.place)
        #expect(sum("completed", completed) == world.count([0, 1, 2, 3]).completed)
    }

    @Test func `a filter leaves some cohorts, and what was due in a time`() async throws {
        let world = try await CaseloadWorld.make()
        let category = try await world.place.number(
            "insert into cohort_categories (name) values ('Second') returning id")
        try await world.place.run("update cohorts set category_id = \(category) where name in ('Blue', 'Dune')")
        var filter = ReportFilter()
        filter.categoryID = category
        func found() async throws -> (cohorts: [String], total: Int) {
            let lines = try await lines("progress-by-cohort", of: world.place, filter)
            return (lines.compactMap { $0["cohort"] }.sorted(), sum("assignments", lines))
        }
        var got = try await found()
        #expect(got.cohorts == ["Blue"] && got.total == world.count([1]).total, "Dune has no milestones")
        filter.groupID = world.groups[0]
        got = try await found()
        #expect(got.cohorts == ["Blue"])
        filter.categoryID = nil
        got = try await found()
        #expect(got.cohorts == ["Amber", "Blue"] && got.total == world.count([0, 1]).total)
        #expect(try await lines("overdue-by-group", of: world.place, filter).map { $0["group_name"] } == ["Advising"])
        filter.cohortID = world.cohorts[2]
        got = try await found()
        #expect(got.cohorts == [], "a cohort that the group does not support")

        let today = try await world.place.owner(
            SQL("select (now() at time zone time_zone)::date from settings").value(CalendarDate.self))
        filter = ReportFilter()
        (filter.from, filter.to) = (today.adding(days: -1), today)
        let due = world.pairs.count { $0.status != .waived && ($0.due == -1 || $0.due == 0) }
        got = try await found()
        #expect(got.total == due && due > 0)
        let joined = try await lines("enrollments-by-month", of: world.place, filter)
        #expect(sum("joined", joined) == world.members.count + 2, "with those two who left today or were archived")
        filter.to = today.adding(days: -1)
        #expect(try await lines("enrollments-by-month", of: world.place, filter) == [])
    }

    @Test func `who is behind, who waits and who has never been here`() async throws {
        let world = try await CaseloadWorld.make()
        let all = world.count([0, 1, 2, 3])
        let behind = try await lines("students-behind", of: world.place)
        let emails = try await world.place.texts(
            "select email from accounts where id = any (\(Array(all.overdue))::int[])")
        #expect(Set(behind.compactMap { $0["email"] }) == Set(emails) && behind.count == emails.count)
        let waiting = try await lines("requests-by-age", of: world.place)
        #expect(sum("waiting", waiting) == all.waiting)
        #expect(sum("up_to_2_days", waiting) + sum("up_to_7_days", waiting) + sum("older", waiting) == all.waiting)

        let someone = try #require(world.members.first { $0.cohort == 1 }?.student)
        try await world.place.run(
            "insert into sign_ins (account_id, at) values (\(someone), now() - interval '40 days')")
        let signIns = try await lines("sign-ins-by-cohort", of: world.place)
        let blue = try #require(signIns.first { $0["cohort"] == "Blue" })
        let members = world.members.count { $0.cohort == 1 }
        #expect(blue["students"] == String(members))
        #expect(blue["never_signed_in"] == String(members - 1) && blue["not_for_30_days"] == "1")
    }

    @Test func `enrollments, answers and mail by day`() async throws {
        let it = try await TestCohort.make(timeZone: "Pacific/Auckland")
        // half past eleven at night in UTC of the last day is a day of the next month in Auckland
        try await it.place.run("update enrollments set joined_at = '2026-03-31 23:30Z'")
        try await it.place.run(
            "update enrollments set left_at = '2026-05-02 00:00Z' where student_id = \(it.other.id)")
        let months = try await lines("enrollments-by-month", of: it.place)
        #expect(months.map { $0["month"] } == ["2026-04", "2026-05"])
        #expect(months.map { $0["joined"] } == ["2", "0"] && months.map { $0["left_cohort"] } == ["0", "1"])
        #expect(months.map { $0["enrolled_at_end"] } == ["2", "1"])

        try await it.place.run(
            """
            insert into progress (milestone_id, student_id, cohort_id, completion, status)
            values (\(it.milestone), \(it.student.id), \(it.id), 'staff', 'completed')
            """)
        try await it.place.run(
            """
            insert into progress_events (milestone_id, student_id, cohort_id, enrolled, actor_id, from_status, to_status, at)
            select \(it.milestone), \(it.student.id), \(it.id), true, x.actor::int, x.f, x.t, x.at::timestamptz from (values
              (1, \(it.student.id), 'open', 'submitted', '2026-04-01 10:00Z'),
              (2, \(it.staff.id), 'submitted', 'returned', '2026-04-01 14:00Z'),
              (3, \(it.student.id), 'returned', 'submitted', '2026-04-02 10:00Z'),
              (4, \(it.staff.id), 'submitted', 'completed', '2026-04-02 20:00Z')) x (n, actor, f, t, at) order by n
            """)
        let answers = try await lines("answers-by-month", of: it.place)
        #expect(answers.count == 1)
        #expect(answers[0]["answers"] == "2" && answers[0]["returned"] == "1")
        #expect(answers[0]["percent_returned"] == "50.0" && answers[0]["median_hours"] == "7.0")

        try await it.place.run(
            """
            insert into mails (account_id, kind, day, since, message_id, state, settled_at)
            select \(it.student.id), 'reminder', d, d - 1, d::text, s, now() from (values
              ('2026-04-01'::date, 'sent'), ('2026-04-02', 'failed'), ('2026-04-03', 'dropped')) x (d, s)
            """)
        let mails = try await lines("mail-by-day", of: it.place)
        #expect(mails.map { $0["day"] } == ["2026-04-03", "2026-04-02", "2026-04-01"])
        #expect(sum("planned", mails) == 3 && mails[2]["sent"] == "1" && mails[1]["failed"] == "1")
        #expect(mails[0]["not_needed"] == "1")
    }

    @Test func `the reporter runs every report, and every column it reads says what it means`() async throws {
        let place = try await TestInstitution.make()
        let connection = try await Connection.connect(conninfo: place.database.superuser)
        let reports = try Report.all()
        #expect(reports.count >= 10)
        let role = "inst_\(place.institution.id)_reporter"
        do {
            try await connection.execute(
                script: "set search_path = \(place.institution.schema), pg_temp; set role \(role)")
            for report in reports {
                let path = "../../../sql/reports/\(report.name.replacing("-", with: "_")).sql"
                let file = URL(fileURLWithPath: path, relativeTo: URL(fileURLWithPath: #filePath))
                let text = try String(contentsOf: file, encoding: .utf8)
                try await connection.execute(script: text)
                // what the file's head says of its columns is what comes
                let query = text.split(separator: "\n").filter { !$0.hasPrefix("--") }.joined(separator: "\n")
                    .split(separator: ";")[0]
                let names = try await connection.batch([
                    Statement(
                        SQL(
                            unchecked:
                                "select row_to_json(x)::text as row from (select q.* from (select) n left join (\(query)) q on true limit 1) x"
                        ))
                ])[0].map { try $0.get("row") as String? }
                let object = try JSONObject(parsing: Array((names.first.flatMap(\.self) ?? "{}").utf8))
                #expect(object.map(\.name) == report.columns, "\(report.name)")
                if let chart = report.chart {
                    #expect(
                        report.columns.contains(chart.name) && report.columns.contains(chart.number), "\(report.name)")
                }
            }
            try await connection.execute(script: "reset role")
        } catch {
            await connection.close()
            throw error
        }
        await connection.close()
        let bare = try await place.texts(
            """
            select c.relname || coalesce('.' || a.attname, '') from pg_class c
            left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
            where c.relnamespace = \(place.institution.schema)::regnamespace and c.relkind = 'v'
                and c.relname like 'report\\_%'
                and (col_description(c.oid, a.attnum) is null or obj_description(c.oid, 'pg_class') is null)
            """)
        #expect(bare == [])
    }
}
