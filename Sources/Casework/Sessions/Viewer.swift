import Dates
import Postgres
import Tenancy

/// Who looks at a page, and what every page says about the institution.
public struct Viewer: Sendable, RowDecodable {
    /// Account id.
    public let id: Int
    /// Name as people write it.
    public let name: String
    /// `admin`, `director`, `manager`, `staff` or `student`.
    public let role: String
    /// The institution's name.
    public let institution: String
    /// IANA name of its time zone.
    public let timeZone: String
    /// The date there, now.
    public let today: CalendarDate
    /// Whether students see Case Management.
    public let studentVisibility: Bool
    /// Whether directors and managers may edit linked cohorts.
    public let cohortDelegation: Bool
    /// How far the guide's steps are taken, for an admin who has not yet let the students in; nil for everybody else.
    public private(set) var guide: SetupGuide?
    /// How many requests wait for the viewer, up to `QueueRepository.mostCounted`; nil for who answers none.
    public var waiting: Int?

    /// How many entries of the viewer's inbox are unread, up to `InboxRepository.mostCounted`; nil where that is not known.
    public var unread: Int?

    /// Decodes the row of `query`.
    public init(row: Row) throws {
        id = try row.get("id")
        name = try row.get("name")
        role = try row.get("role")
        institution = try row.get("institution")
        timeZone = try row.get("time_zone")
        today = try row.get("today")
        studentVisibility = try row.get("student_visibility")
        cohortDelegation = try row.get("cohort_delegation")
    }

    /// Who enters.
    public static var reading: Reading<Viewer> {
        Reading(
            ("""
            select a.id, a.name, a.role, s.name as institution, s.time_zone,
                   waymark.day_of(now(), s.time_zone) as today, s.student_visibility, s.cohort_delegation
            from accounts a cross join settings s where a.id = waymark.account_id()
            """ as SQL).one(Viewer.self))
    }

    /// The viewer with the guide, where there is one: one more round trip while an institution is being set up, since
    /// students may not even name the function.
    /// - Throws: `EntryRefusal`, `PostgresError`.
    public func guided(in work: UnitOfWork) async throws -> Viewer {
        guard role == "admin", !studentVisibility else { return self }
        var viewer = self
        let missing = try await work(("select setup_missing()" as SQL).value([String].self))
        viewer.guide = SetupGuide(missing: missing, isVisible: false)
        return viewer
    }

    /// Whether cohorts are the viewer's to edit.
    public var editsCohorts: Bool {
        role == "admin" || (cohortDelegation && (role == "director" || role == "manager"))
    }
}
