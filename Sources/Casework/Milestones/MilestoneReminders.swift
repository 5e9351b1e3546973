import Dates
import Postgres
import Tenancy

/// When the reminders of a milestone go out and to how many they went; and how many have another day than the others.
public struct MilestoneReminders: Sendable, JSONEncodable {
    /// A reminder that is ticked.
    public struct Planned: Sendable, Hashable {
        /// So many days before the due date.
        public let daysBefore: Int
        /// The day it goes out; nil where that counts from joining, and so is another for each student.
        public let day: CalendarDate?
        /// To how many students it went.
        public let students: Int
    }

    /// Mails that stood for the days after `since`, up to `day`.
    struct Sent: RowDecodable {
        let since, day: CalendarDate
        let students: Int

        init(row: Row) throws {
            since = try row.get("since")
            day = try row.get("day")
            students = try row.get("students")
        }
    }

    /// Those that are ticked, the first to go out first.
    public let planned: [Planned]
    /// How many went out on other days: to who has an extension or a day that counts from joining, and before the due date was
    /// moved.
    public let others: Int
    /// How many students have an extension.
    public let extensions: Int
    /// How many ask for one.
    public let requests: Int

    init(_ milestone: Milestone, sent: [Sent], extensions: Int, requests: Int) {
        planned = milestone.reminders.sorted(by: >).map { days in
            let day = milestone.dueOn?.adding(days: -days)
            let students = sent.reduce(0) { sum, mails in
                day.map { mails.since < $0 && $0 <= mails.day } ?? false ? sum + mails.students : sum
            }
            return Planned(daysBefore: days, day: day, students: students)
        }
        let days = planned.compactMap(\.day)
        others = sent.filter { mails in !days.contains { mails.since < $0 && $0 <= mails.day } }
            .reduce(0) { $0 + $1.students }
        self.extensions = extensions
        self.requests = requests
    }

    /// Writes the answer of `GET /milestones/{id}/reminders`.
    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.array("planned", planned) { json, reminder in
                json.object {
                    $0.field("daysBefore", reminder.daysBefore)
                    $0.field("day", reminder.day)
                    $0.field("students", reminder.students)
                }
            }
            json.field("others", others)
            json.field("extensions", extensions)
            json.field("requests", requests)
        }
    }
}

extension MilestoneRepository {
    /// When a milestone's reminders go out, and to how many they went.
    /// - Throws: `CaseworkError.notFound`.
    public static func reminders(of id: Int) -> Reading<MilestoneReminders> {
        Reading(
            SQL("select \(columns()) from milestones where id = \(id)").optional(Milestone.self),
            SQL("select since, day, students from sent_reminders where milestone_id = \(id) order by day, since")
                .all(MilestoneReminders.Sent.self),
            SQL(
                """
                select count(*) filter (where due_on is not null)::int from extensions where milestone_id = \(id) and enrolled
                """
            ).value(Int.self),
            SQL(
                """
                select count(*) filter (where status = 'asked')::int from extensions where milestone_id = \(id) and enrolled
                """
            ).value(Int.self)
        ) { milestone, sent, extensions, requests in
            guard let milestone else { throw CaseworkError.notFound }
            return MilestoneReminders(milestone, sent: sent, extensions: extensions, requests: requests)
        }
    }
}
