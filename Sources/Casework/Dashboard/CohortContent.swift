import Dates
import Postgres
import Tenancy

/// What dashboards show of cohorts: the same for all students who are in exactly these, and rarely another.
public struct CohortContent: Sendable {
    /// A saved milestone, as it is for everybody.
    struct Milestone: Sendable {
        let id: Int
        let cohortID: Int
        let title: String
        let dueOn: CalendarDate?
        let dueAfterDays: Int?
        let description: String?
        let completion: Completion
        let sharedID: Int?

        /// The rule of `waymark.due_on`, for the one place that asks no SQL; `KeptContentTests` hold it to that.
        func dueOn(joined day: CalendarDate, grantedOn: CalendarDate? = nil) -> CalendarDate? {
            (dueOn ?? dueAfterDays.map(day.adding)).map { max($0, grantedOn ?? $0) }
        }
    }

    let cohorts: [Dashboard.Cohort]
    let milestones: [Milestone]
    let files: [Dashboard.File]
    let network: SupportNetwork

    /// The caller's, by what row security shows a student of the cohorts that `enter` has set.
    static let reading = Reading(
        SQL("select id, name, category from my_cohorts order by lower(name), id").all(Dashboard.Cohort.self),
        SQL("select id, cohort_id, title, due_on, due_after_days, description, completion, shared_id from milestones")
            .all(Milestone.self),
        SQL(
            "select id, milestone_id, name, content_type, size from milestone_files order by milestone_id, lower(name), id"
        ).all(Dashboard.File.self),
        SupportNetwork.own
    ) { CohortContent(cohorts: $0, milestones: $1, files: $2, network: $3) }

    /// About how much memory it takes, in bytes: texts and the values around them.
    var size: Int {
        var size = 500
        for cohort in cohorts { size += 100 + cohort.name.utf8.count + cohort.category.utf8.count }
        for milestone in milestones {
            size += 200 + milestone.title.utf8.count + (milestone.description?.utf8.count ?? 0)
        }
        for file in files { size += 100 + file.name.utf8.count + file.contentType.utf8.count }
        for member in network.members {
            size += 300 + member.name.utf8.count + member.group.utf8.count
            guard let card = member.card else { continue }
            for text in [
                card.title, card.office, card.email, card.phone, card.location, card.biography, card.hours,
                card.bookingURL,
            ] { size += text?.utf8.count ?? 0 }
        }
        return size
    }
}

extension CohortContent.Milestone: RowDecodable {
    /// Reads the columns of `milestones`.
    init(row: Row) throws {
        id = try row.get("id")
        cohortID = try row.get("cohort_id")
        title = try row.get("title")
        dueOn = try row.get("due_on")
        dueAfterDays = try row.get("due_after_days")
        description = try row.get("description")
        completion = try row.get("completion")
        sharedID = try row.get("shared_id")
    }
}
