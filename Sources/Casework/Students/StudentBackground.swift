import FoundationEssentials
import Postgres
import Tenancy

/// What a student's page shows beyond the record: how it came to this, why one sees it, and who else looked.
public struct StudentBackground: Sendable {
    /// One step somebody took on one of the student's milestones.
    public struct Step: Sendable, RowDecodable {
        /// The milestone.
        public let milestoneID: Int
        /// Its title.
        public let title: String
        /// What was done.
        public let event: ProgressEvent

        /// Reads a step of the history, and which milestone it belongs to.
        public init(row: Row) throws {
            milestoneID = try row.get("milestone_id")
            title = try row.get("title")
            event = try ProgressEvent(row: row)
        }
    }

    /// A group by which the caller sees a cohort of the student.
    public struct Reason: Sendable, RowDecodable {
        /// The group's name.
        public let group: String
        /// The cohort's name.
        public let cohort: String
        /// Whether the caller belongs to the group; who does not directs its department.
        public let isMember: Bool

        /// Reads the three.
        public init(row: Row) throws {
            group = try row.get("group_name")
            cohort = try row.get("cohort")
            isMember = try row.get("member")
        }
    }

    /// The last steps, newest first.
    public let steps: [Step]
    /// Whether there are more than these.
    public let hasMore: Bool
    /// Why the caller sees the student; empty for admins, who see everybody.
    public let why: [Reason]
    /// The cohorts in which the caller answers and marks.
    public let acting: Set<Int>
    /// The files of the student's milestones, by name.
    public let files: [Dashboard.File]
    /// The files that the student has sent, where the caller answers; by name.
    public let submitted: [SubmittedFile]
}

extension StudentRepository {
    /// What stands behind a student's record; call `read` first, which tells whether there is one to see, and audits it.
    public static func background(of id: Int, steps limit: Int = 100) -> Reading<StudentBackground> {
        Reading(
            SQL(
                """
                select v.id, v.at, v.actor_id, v.from_status, v.to_status, v.comment, v.undo, v.milestone_id, m.title,
                       coalesce((select d.name from directory d where d.id = v.actor_id),
                                (select s.name from students s where s.id = v.actor_id)) as actor_name
                  from progress_events v
                  join milestones m on m.id = v.milestone_id
                  join cohorts c on c.id = m.cohort_id and c.archived_at is null
                 where v.student_id = \(id) and v.enrolled
                 order by v.id desc limit \(limit + 1)
                """
            ).all(StudentBackground.Step.self),
            SQL(
                """
                select g.name as group_name, c.name as cohort,
                       exists (select from group_members b where b.group_id = g.id and b.account_id = waymark.account_id())
                         as member
                  from reasons r join groups g on g.id = r.group_id join cohorts c on c.id = r.cohort_id
                 where r.student_id = \(id)
                 order by lower(c.name), lower(g.name), g.id
                """
            ).all(StudentBackground.Reason.self),
            SQL(
                """
                select e.cohort_id from enrollments e
                 where e.student_id = \(id) and e.active and waymark.may_act_in_cohort(e.cohort_id)
                """
            ).values(Int.self),
            SQL(
                """
                select f.id, f.milestone_id, f.name, f.content_type, f.size from milestone_files f
                 where f.complete and f.milestone_id in (select a.milestone_id from assignments a where a.student_id = \(id))
                 order by lower(f.name), f.id
                """
            ).all(Dashboard.File.self), SubmittedFile.all(where: "f.student_id = \(id)")
        ) { steps, why, acting, files, submitted in
            StudentBackground(
                steps: Array(steps.prefix(limit)), hasMore: steps.count > limit, why: why, acting: Set(acting),
                files: files, submitted: submitted)
        }
    }
}
