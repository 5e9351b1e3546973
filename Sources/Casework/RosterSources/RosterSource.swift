import FoundationEssentials
import Postgres

/// The OneRoster server from which the institution's roster is fetched, as its admins set it.
public struct RosterSource: Sendable, RowDecodable, JSONEncodable, Versioned {
    /// Whether it is asked by itself.
    public let isEnabled: Bool
    /// What all addresses of its rosters begin with, such as `https://sis.example.edu/ims/oneroster/rostering/v1p2`.
    public let baseURL: String?
    /// Where tokens are given.
    public let tokenURL: String?
    /// What it calls us.
    public let clientID: String?
    /// Whether there is a secret for it. What it is comes out for the server only.
    public let hasSecret: Bool
    /// What a token is asked for; nil: what the standard calls reading the core of a roster.
    public let scope: String?
    /// Every so many hours it is asked: one of `intervals`.
    public let everyHours: Int
    /// The hour of the institution's day at which it is asked, or from which the hours are counted.
    public let hour: Int
    /// Whether people whom a roster brought, and who are no longer in it, are suspended, and enrollments ended.
    public let suspendsMissing: Bool
    /// Whether what fits is taken in although other records cannot be.
    public let isPartial: Bool
    /// When it is asked next; nil where it is not.
    public let nextRunAt: Date?
    /// Up to when, by its own clock, all changes are taken in; nil: not known.
    public let readTo: Date?
    /// When all there is was last fetched.
    public let wholeAt: Date?
    /// The version of the row.
    public let version: Version

    /// Every so many hours it may be asked, so that the hours are the same each day; 24 is once a day.
    public static let intervals = [1, 2, 3, 4, 6, 12, 24]

    /// When it is asked next, of the tables `roster_sources` (`s`) and `settings` (`x`); `schedule_roster` says the same. Servers of
    /// the version before write down what they have done in `done_on`.
    static let next: SQL = """
        waymark.next_run(greatest(s.done_at, waymark.reminder_moment(s.done_on, s.hour, x.time_zone)), s.every_hours, s.hour, x.time_zone)
        """

    /// Of the same tables.
    static let columns: SQL = """
        s.enabled, s.base_url, s.token_url, s.client_id, s.sealed_secret is not null as has_secret, s.scope, s.every_hours, s.hour,
        s.suspends_missing, s.partial, s.read_to, s.whole_at, s.version, case when s.enabled then \(next) end as next_at
        """

    /// Reads `columns`.
    public init(row: Row) throws {
        isEnabled = try row.get("enabled")
        baseURL = try row.get("base_url")
        tokenURL = try row.get("token_url")
        clientID = try row.get("client_id")
        hasSecret = try row.get("has_secret")
        scope = try row.get("scope")
        everyHours = try row.get("every_hours")
        hour = try row.get("hour")
        suspendsMissing = try row.get("suspends_missing")
        isPartial = try row.get("partial")
        nextRunAt = try row.get("next_at")
        readTo = try row.get("read_to")
        wholeAt = try row.get("whole_at")
        version = Version(try row.get("version"))
    }

    /// Whether it says enough to be asked.
    public var isSet: Bool { baseURL != nil && tokenURL != nil && clientID != nil && hasSecret }

    /// Writes the API's object: all but the secret.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("enabled", isEnabled)
            $0.field("baseUrl", baseURL)
            $0.field("tokenUrl", tokenURL)
            $0.field("clientId", clientID)
            $0.field("hasClientSecret", hasSecret)
            $0.field("scope", scope)
            $0.field("everyHours", everyHours)
            $0.field("hour", hour)
            $0.field("suspendsMissing", suspendsMissing)
            $0.field("partial", isPartial)
            $0.field("nextRunAt", nextRunAt)
            $0.field("readTo", readTo)
            $0.field("wholeAt", wholeAt)
        }
    }
}

/// What an admin sets of the source, all of it; the secret stays where it is not sent.
public struct RosterSourceDraft: Sendable {
    let isEnabled: Bool
    let baseURL: String?
    let tokenURL: String?
    let clientID: String?
    let secret: Patch<String>
    let scope: String?
    let everyHours: Int
    let hour: Int
    let suspendsMissing: Bool
    let isPartial: Bool

    /// Reads the fields of `PUT /settings/roster-source` or of the page's form.
    public init(_ fields: inout Fields) {
        isEnabled = fields.value("enabled", .bool, default: false)
        baseURL = fields.optional("baseUrl", .issuer)
        tokenURL = fields.optional("tokenUrl", .issuer)
        clientID = fields.optional("clientId", .text(1...500))
        secret = fields.patchOptional("clientSecret", .verbatim())
        scope = fields.optional("scope", .text(1...1_000))
        everyHours = fields.value("everyHours", .int(of: RosterSource.intervals), default: 24)
        hour = fields.value("hour", .int(0...23), default: 3)
        suspendsMissing = fields.value("suspendsMissing", .bool, default: true)
        isPartial = fields.value("partial", .bool, default: true)
        if secret.value == "" { fields.refuse("clientSecret", .empty) }
        if isEnabled {
            if baseURL == nil { fields.refuse("baseUrl", .required) }
            if tokenURL == nil { fields.refuse("tokenUrl", .required) }
            if clientID == nil { fields.refuse("clientId", .required) }
        }
    }
}

/// What somebody wants of a run.
public struct RosterRunDraft: Sendable {
    /// All there is, not the changes alone.
    let isWhole: Bool
    /// How many people may be suspended, or leave their cohorts; nil for the settings' share.
    let mostSuspended: Int?

    /// Reads the fields `whole` and `mostSuspended`.
    public init(_ fields: inout Fields) {
        isWhole = fields.value("whole", .bool, default: false)
        mostSuspended = fields.optional("mostSuspended", .int(0...1_000_000))
    }
}
