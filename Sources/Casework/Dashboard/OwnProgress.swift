import Dates
import Postgres
import Tenancy

/// What is a student's own on a dashboard, and of which content it is a part.
struct OwnProgress: Sendable {
    /// A milestone on which something has happened.
    struct Step: Sendable {
        let status: ProgressStatus
        let comment: String?
        let version: Version
    }

    /// Names the content of this moment: the state it is in, and for which cohorts.
    let content: KeptContent.Key
    /// The day in the institution's time zone.
    let today: CalendarDate
    /// By cohort, the day the student joined it there.
    let joined: [Int: CalendarDate]
    /// By milestone; open is what is not in it.
    let steps: [Int: Step]
    /// The accounts of the student's personal contacts.
    let contacts: Set<Int>

    /// By milestone, the later dates that were asked for or granted.
    let extensions: [Int: Extension]

    static let sql: SQL =
        """
        select content, cohorts, today, cohort_id, joined_on, milestone_id, status, comment, version, contact_id, extension,
               granted_on, asked_for, extension_comment, extension_version
        from my_progress
        """

    /// By place, since this is read with each dashboard; nil for who is in no cohort.
    static let reading = Reading<OwnProgress?>(
        Query(sql) { rows in
            guard let first = rows.first else { return nil }
            var joined: [Int: CalendarDate] = [:]
            var steps: [Int: Step] = [:]
            var extensions: [Int: Extension] = [:]
            var contacts: Set<Int> = []
            for row in rows {
                if let contact: Int = try row.get(at: 9) { contacts.insert(contact) }
                joined[try row.get(at: 3)] = try row.get(at: 4) as CalendarDate
                guard let milestone: Int = try row.get(at: 5) else { continue }
                steps[milestone] = Step(
                    status: try row.get(at: 6), comment: try row.get(at: 7), version: Version(try row.get(at: 8)))
                guard let status: ExtensionStatus = try row.get(at: 10) else { continue }
                extensions[milestone] = Extension(
                    status: status, grantedOn: try row.get(at: 11), askedFor: try row.get(at: 12),
                    comment: try row.get(at: 13), version: Version(try row.get(at: 14)))
            }
            return OwnProgress(
                content: KeptContent.Key(state: try first.get(at: 0), cohorts: try first.get(at: 1)),
                today: try first.get(at: 2), joined: joined, steps: steps, contacts: contacts, extensions: extensions)
        })
}

extension Dashboard {
    /// Of who is in no cohort.
    static let empty = Dashboard(
        cohorts: [], milestones: [], files: [], supportNetwork: SupportNetwork(members: [], contacts: []))

    /// A student's own progress on the content of the student's cohorts.
    init(_ content: CohortContent, _ own: OwnProgress) {
        var items: [Item] = []
        items.reserveCapacity(content.milestones.count)
        for milestone in content.milestones {
            // not in it any more since the content was read
            guard let day = own.joined[milestone.cohortID] else { continue }
            let step = own.steps[milestone.id]
            let status = step?.status ?? .open
            let extended = own.extensions[milestone.id]
            let dueOn = milestone.dueOn(joined: day, grantedOn: extended?.grantedOn)
            items.append(
                Item(
                    id: milestone.id, cohortID: milestone.cohortID, title: milestone.title, dueOn: dueOn,
                    regularDueOn: milestone.dueOn(joined: day), description: milestone.description, status: status,
                    isOverdue: (status == .open || status == .returned) && (dueOn.map { $0 < own.today } ?? false),
                    completion: milestone.completion, comment: step?.comment, version: step?.version ?? Version(0),
                    extended: extended, sharedID: milestone.sharedID))
        }
        items.sort { left, right in
            switch (left.dueOn, right.dueOn) {
            case (let left?, let right?) where left != right: left < right
            case (.some, nil): true
            case (nil, .some): false
            default: left.id < right.id
            }
        }
        var network = content.network
        network.contacts = own.contacts
        self.init(cohorts: content.cohorts, milestones: Self.once(items), files: content.files, supportNetwork: network)
    }
}
