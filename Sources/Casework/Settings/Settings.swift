import Postgres

/// Whether students see Case Management.
public enum StudentVisibility: String, Sendable, CaseIterable, JSONEncodable {
    /// Students have their dashboard.
    case enabled
    /// To students Case Management does not exist.
    case disabled

    /// From the column.
    init(_ isVisible: Bool) { self = isVisible ? .enabled : .disabled }
}

/// What an institution decides for itself.
public struct Settings: Sendable, RowDecodable, JSONEncodable, Versioned {
    /// The institution's name, as people read it.
    public let name: String
    /// Whether students see Case Management.
    public let studentVisibility: StudentVisibility
    /// The IANA name of the zone in which days begin and end.
    public let timeZone: String
    /// Whether directors and managers may edit the cohorts linked to them.
    public let cohortDelegation: Bool
    /// Whether admins must have an authenticator.
    public let adminsNeedCodes: Bool
    /// The hour in that zone at which reminders go out, 0 to 23.
    public let reminderHour: Int
    /// The language of mail and pages for who has chosen none; nil for the program's.
    public let language: Language?
    /// The color of links and buttons; nil for Waymark's.
    public let color: BrandColor?
    /// Where the logo is served; nil without one.
    public let logo: String?
    /// How many of a hundred accounts a file of people may suspend without a yes.
    public let suspendPercent: Int
    /// The version of the row.
    public let version: Version

    /// The select list that the initializer reads.
    static let columns: SQL =
        "name, student_visibility, time_zone, cohort_delegation, admins_need_codes, reminder_hour, language, color, suspend_percent, \(Branding.logoName), version"

    /// Reads `columns`.
    public init(row: Row) throws {
        name = try row.get("name")
        studentVisibility = StudentVisibility(try row.get("student_visibility"))
        timeZone = try row.get("time_zone")
        cohortDelegation = try row.get("cohort_delegation")
        adminsNeedCodes = try row.get("admins_need_codes")
        reminderHour = try row.get("reminder_hour")
        language = try row.get("language", as: String?.self).flatMap(Language.init)
        color = try row.get("color", as: String?.self).flatMap(BrandColor.init)
        logo = try row.get("logo_name", as: String?.self).map(Branding.address)
        suspendPercent = try row.get("suspend_percent")
        version = Version(try row.get("version"))
    }

    /// Writes the API's object.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("name", name)
            $0.field("studentVisibility", studentVisibility)
            $0.field("timeZone", timeZone)
            $0.field("cohortDelegation", cohortDelegation)
            $0.field("adminsNeedCodes", adminsNeedCodes)
            $0.field("reminderHour", reminderHour)
            $0.field("language", language)
            $0.field("color", color?.text)
            $0.field("logo", logo)
            $0.field("suspendPercent", suspendPercent)
        }
    }
}

/// What changes about the settings.
public struct SettingsPatch: Sendable {
    /// The new name; nil leaves it.
    public let name: String?
    /// Whether students see Case Management; nil leaves it.
    public let studentVisibility: StudentVisibility?
    /// The new zone; nil leaves it.
    public let timeZone: String?
    /// Whether cohorts are delegated; nil leaves it.
    public let cohortDelegation: Bool?
    /// Whether admins must have an authenticator; nil leaves it.
    public let adminsNeedCodes: Bool?
    /// The new hour of reminders; nil leaves it.
    public let reminderHour: Int?
    /// How many of a hundred accounts a file may suspend without a yes; nil leaves it.
    public let suspendPercent: Int?
    /// The new language of who has chosen none.
    public let language: Patch<Language>
    /// The new color.
    public let color: Patch<String>
    /// The new logo: a file that `Branding.checked` has let through.
    public let logo: Patch<[UInt8]>

    /// A new logo, and nothing else.
    public init(logo: Patch<[UInt8]>) {
        (name, studentVisibility, timeZone, cohortDelegation, reminderHour) = (nil, nil, nil, nil, nil)
        (adminsNeedCodes, suspendPercent) = (nil, nil)
        color = .absent
        language = .absent
        self.logo = logo
    }

    /// Reads `name`, `studentVisibility`, `timeZone`, `cohortDelegation`, `adminsNeedCodes`, `reminderHour`, `language`, `color` and
    /// `suspendPercent`.
    /// - Parameter logo: what else is sent with them.
    public init(_ fields: inout Fields, logo: Patch<[UInt8]> = .absent) {
        self.logo = logo
        color = fields.patchOptional("color", .color)
        language = fields.patchOptional("language", .choice(Language.self))
        name = fields.patch("name", .text(1...200))
        studentVisibility = fields.patch("studentVisibility", .choice(StudentVisibility.self))
        timeZone = fields.patch("timeZone", .text(1...100))
        cohortDelegation = fields.patch("cohortDelegation", .bool)
        adminsNeedCodes = fields.patch("adminsNeedCodes", .bool)
        reminderHour = fields.patch("reminderHour", .int(0...23))
        suspendPercent = fields.patch("suspendPercent", .int(0...100))
    }
}
