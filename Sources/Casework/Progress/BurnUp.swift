import Dates
import Postgres
import Tenancy

/// How much of what students have to do was planned for each day, and how much was completed by then.
public struct BurnUp: Sendable, Hashable {
    /// One day on which something was due or was completed.
    public struct Day: Sendable, Hashable {
        /// The day, in the institution's time zone.
        public let day: CalendarDate
        /// What was due by its end, from the beginning.
        public let planned: Int
        /// What was completed by its end, from the beginning.
        public let completed: Int

        /// One day's two sums.
        public init(day: CalendarDate, planned: Int, completed: Int) {
            self.day = day
            self.planned = planned
            self.completed = completed
        }
    }

    /// In order; nothing changes between them.
    public let days: [Day]
    /// Milestones of students that count, with and without a due date.
    public let total: Int

    /// A course of days.
    public init(days: [Day], total: Int) {
        self.days = days
        self.total = total
    }

    /// The sums as they stand at the end of a day.
    public func sums(on day: CalendarDate) -> (planned: Int, completed: Int) {
        let last = days.last { $0.day <= day }
        return (last?.planned ?? 0, last?.completed ?? 0)
    }
}

extension BurnUp: JSONEncodable {
    /// Writes the API's object.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("total", total)
            $0.array("days", days) { json, day in
                json.object {
                    $0.field("day", day.day)
                    $0.field("planned", day.planned)
                    $0.field("completed", day.completed)
                }
            }
        }
    }
}

extension CaseloadRepository {
    /// What a caseload's students had to do by each day, and had done.
    ///
    /// What is asked is counted for all who joined a cohort on the same day, and what was given from the rows of `progress`,
    /// as in `summaries`.
    /// - Parameter category: only the cohorts of this category.
    public static func burnUp(of caseload: Caseload, category: Int? = nil) -> Reading<BurnUp> {
        let inCategory: SQL = category.map { "and k.category_id = \($0)" } ?? ""
        return Reading(
            SQL(
                """
                with z as (select time_zone from settings limit 1),
                planned as materialized (
                  select m.id, m.cohort_id, m.due_on, m.due_after_days from milestones m join cohorts k on k.id = m.cohort_id
                   where m.saved and m.cohort_id in (\(caseload.cohorts)) \(inCategory)),
                members as materialized (
                  select s.cohort_id, s.id, waymark.day_of(s.joined_at, z.time_zone) as joined_on
                    from z cross join my_students s where s.cohort_id in (\(caseload.cohorts))),
                asked as (
                  select waymark.due_on(m.due_on, m.due_after_days, j.joined_on) as day, j.students
                    from (select cohort_id, joined_on, count(*) as students from members group by cohort_id, joined_on) j
                    join planned m on m.cohort_id = j.cohort_id),
                given as (
                  select p.status, waymark.day_of(p.updated_at, z.time_zone) as done_on,
                         waymark.due_on(m.due_on, m.due_after_days, s.joined_on) as due_on
                    from z cross join progress p join planned m on m.id = p.milestone_id
                    join members s on s.cohort_id = m.cohort_id and s.id = p.student_id
                   where p.enrolled and p.status in ('completed', 'waived'))
                select x.day, sum(x.planned)::int as planned, sum(x.completed)::int as completed
                  from (select day, students as planned, 0 as completed from asked
                         union all select due_on, -1, 0 from given where status = 'waived'
                         union all select done_on, 0, 1 from given where status = 'completed') x
                 group by x.day having sum(x.planned) <> 0 or sum(x.completed) <> 0 order by x.day nulls last
                """
            ).all(Change.self)
        ) { rows in
            var days: [BurnUp.Day] = []
            for row in rows {
                guard let day = row.day else { continue }
                days.append(
                    BurnUp.Day(
                        day: day, planned: (days.last?.planned ?? 0) + row.planned,
                        completed: (days.last?.completed ?? 0) + row.completed))
            }
            return BurnUp(days: days, total: rows.reduce(0) { $0 + $1.planned })
        }
    }

    private struct Change: RowDecodable {
        let day: CalendarDate?
        let planned, completed: Int

        init(row: Row) throws {
            day = try row.get("day")
            planned = try row.get("planned")
            completed = try row.get("completed")
        }
    }
}
