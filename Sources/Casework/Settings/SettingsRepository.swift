import Postgres
import Tenancy

/// The institution's settings. Admins change them in person, never by API token.
public struct SettingsRepository: Sendable {
    private let work: UnitOfWork

    /// - Parameter work: as the caller.
    public init(work: UnitOfWork) {
        self.work = work
    }

    /// The settings as they are.
    public static func find() -> Reading<Settings> {
        Reading(row)
    }

    /// What the institution is called; for the gate too.
    public static var institutionName: Reading<String> { Reading(("select name from settings" as SQL).value()) }

    /// The language of pages for who has chosen none; for the gate too.
    public static var language: Reading<Language?> {
        Reading(("select language from settings where language is not null" as SQL).optionalValue(String.self)).map {
            $0.flatMap(Language.init)
        }
    }

    /// Whether admins must have an authenticator; for admins.
    public static var adminsNeedCodes: Reading<Bool> {
        Reading(("select admins_need_codes from settings" as SQL).value(Bool.self))
    }

    private struct Change: RowDecodable {
        let matched: Bool
        let zoneKnown: Bool
        let missing: [String]
        let hasCodes: Bool

        init(row: Row) throws {
            matched = try row.get("matched")
            zoneKnown = try row.get("zone_known")
            missing = try row.get("missing")
            hasCodes = try row.get("has_codes")
        }
    }

    /// Changes the settings.
    /// - Throws: `preconditionFailed`; `invalid` for a zone the database does not know, and for making Case Management
    ///   visible before it is set up, and for demanding of admins what the caller has not.
    public func update(_ patch: SettingsPatch, ifMatch: IfMatch) async throws -> Settings {
        let visible = patch.studentVisibility.map { $0 == .enabled }
        let (change, _, found) = try await work(
            ("""
            with old as (
                    select \(Settings.columns), \(ifMatch.accepts("version")) as matched,
                        coalesce(\(patch.name)::text, name) as new_name,
                        coalesce(\(visible)::bool, student_visibility) as new_visibility,
                        coalesce(\(patch.timeZone)::text, time_zone) as new_time_zone,
                        coalesce(\(patch.cohortDelegation)::bool, cohort_delegation) as new_delegation,
                        coalesce(\(patch.adminsNeedCodes)::bool, admins_need_codes) as new_codes,
                        coalesce(\(patch.reminderHour)::int, reminder_hour) as new_hour,
                        coalesce(\(patch.suspendPercent)::int, suspend_percent) as new_percent,
                        case when \(patch.language.isPresent) then \(patch.language.value?.rawValue)::text else language end
                            as new_language,
                        case when \(patch.color.isPresent) then \(patch.color.value)::text else color end as new_color,
                        case when \(patch.logo.isPresent) then \(patch.logo.value)::bytea else logo end as new_logo,
                        logo
                    from settings where id = 1 for update),
                checked as (
                    select old.*,
                        case when new_time_zone = time_zone then true
                            else exists (select from pg_catalog.pg_timezone_names z where z.name = new_time_zone
                                and z.name !~ '^(posix/|right/|posixrules$|localtime$|Factory$)') end as zone_known,
                        case when new_visibility and not student_visibility then setup_missing()
                            else '{}' end as missing,
                        -- who demands it of all admins shuts nobody out who would be the first
                        not new_codes or admins_need_codes or exists (
                            select from authenticators k
                            where k.account_id = waymark.account_id() and k.confirmed_at is not null) as has_codes
                    from old),
                new as (
                    update settings s set name = c.new_name, student_visibility = c.new_visibility,
                        time_zone = c.new_time_zone, cohort_delegation = c.new_delegation, color = c.new_color,
                        logo = c.new_logo, language = c.new_language, reminder_hour = c.new_hour,
                        admins_need_codes = c.new_codes, suspend_percent = c.new_percent, version = s.version + 1
                    from checked c
                    where s.id = 1 and c.matched and c.zone_known and c.missing = '{}' and c.has_codes
                        and (s.name, s.student_visibility, s.time_zone, s.cohort_delegation, s.color, s.logo, s.language,
                                s.reminder_hour, s.admins_need_codes, s.suspend_percent)
                            is distinct from (c.new_name, c.new_visibility, c.new_time_zone, c.new_delegation,
                                c.new_color, c.new_logo, c.new_language, c.new_hour, c.new_codes, c.new_percent)
                    returning s.name, s.student_visibility, s.time_zone, s.cohort_delegation, s.color, s.logo,
                        s.language, s.reminder_hour, s.admins_need_codes, s.suspend_percent),
                noted as (
                    insert into audit (action, subject, before, after)
                    select 'settings.update', 'settings', (select \(Self.audited) from old), \(Self.audited) from new)
            select matched, zone_known, missing, has_codes from checked
            """ as SQL).one(Change.self), ("select schedule_work(), schedule_roster()" as SQL).done(), Self.row)
        guard change.matched else { throw CaseworkError.preconditionFailed }
        var problems = change.zoneKnown ? [] : [FieldRefusal("timeZone", .unknownTimeZone)]
        if !change.missing.isEmpty {
            problems.append(
                FieldRefusal("studentVisibility", Refusal(.notReady, ["steps": .setupSteps(change.missing)])))
        }
        if !change.hasCodes { problems.append(FieldRefusal("adminsNeedCodes", .codesFirst)) }
        guard problems.isEmpty else { throw CaseworkError.invalid(problems) }
        return found
    }

    private static let row: Query<Settings> = ("select \(Settings.columns) from settings where id = 1" as SQL)
        .one(Settings.self)

    private static let audited: SQL = """
        jsonb_build_object('name', name, 'studentVisibility', case when student_visibility then 'enabled' else 'disabled' end,
            'timeZone', time_zone, 'cohortDelegation', cohort_delegation, 'adminsNeedCodes', admins_need_codes, 'color', color, 'language', language, 'reminderHour', reminder_hour,
            'suspendPercent', suspend_percent,
            'logo', left(encode(sha256(logo), 'hex'), 16))
        """
}
