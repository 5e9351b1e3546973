import Postgres

/// What a file of people asks of the database and does to it.
enum StudentStatements {
    /// A row, and whom it is about; 0 stands for nobody yet.
    struct Judged {
        let cells: PersonCells
        let account: Int
        /// Another account of the file has the address, or the number, until the end.
        let takesAddress: Bool
        let takesNumber: Bool
        /// What a new person becomes. Who is here keeps the role: only whether it is a student's must agree.
        var role = Role.student
        /// `suspended` or `active`, where the row says so.
        var status: String?
    }

    /// The accounts that have the rows' addresses and numbers, 0 for none, and a letter for each that says what it is.
    struct Found: RowDecodable {
        private let byAddress: [Int]
        private let byNumber: [Int]
        private let addressKinds: String
        private let numberKinds: String

        init(row: Row) throws {
            byAddress = try row.get("by_address")
            byNumber = try row.get("by_number")
            addressKinds = try row.get("address_kinds")
            numberKinds = try row.get("number_kinds")
        }

        func rows(for cells: [PersonCells]) -> [WhoIsWho.Row] {
            zip(zip(byAddress, byNumber), zip(zip(addressKinds.utf8, numberKinds.utf8), cells)).map { ids, row in
                WhoIsWho.Row(
                    byAddress: Int32(truncatingIfNeeded: ids.0), byNumber: Int32(truncatingIfNeeded: ids.1),
                    hasNumber: row.1.studentNumber != nil, addressFits: row.0.0 == UInt8(ascii: "s"),
                    numberFits: row.0.1 == UInt8(ascii: "s"))
            }
        }
    }

    static func people(of rows: [PersonCells]) -> SQL {
        """
        select array_agg(coalesce(e.id, 0) order by n) as by_address, array_agg(coalesce(h.id, 0) order by n) as by_number,
            string_agg(case when e.role = 'student' and e.status <> 'archived' then 's' else '-' end, '' order by n)
                as address_kinds,
            string_agg(case when h.role = 'student' and h.status <> 'archived' then 's' else '-' end, '' order by n)
                as number_kinds
        from unnest(\(rows.map(\.email))::text[], \(rows.map(\.studentNumber))::text[])
            with ordinality i (email, student_number, n)
        left join accounts e on lower(e.email) = lower(i.email)
        left join accounts h on h.student_number = i.student_number
        """
    }

    /// Stands in for an address until its present owner has given it up.
    private static let placeholder: SQL = "'line-' || j.line || '@waymark.invalid'"

    /// The same of one line.
    static func placeholder(_ line: Int) -> String { "line-\(line)@waymark.invalid" }

    /// A letter for what becomes of each row, and a letter for each field that changes. An address or a number that is still
    /// another's is given at the end, by `give`.
    /// - Parameter invitation: `ImportOptions.invitation`.
    static func judge(_ rows: [Judged], _ isStoring: Bool, _ invitation: SQL = "") -> SQL {
        """
        with fated as (
                select i.n, i.line, i.email, i.given_name, i.family_name, i.preferred_name, i.student_number,
                    i.takes_address, i.takes_number, i.role, i.status, a.status as old_status, a.id,
                    a.email as old_email, a.given_name as old_given_name,
                    a.family_name as old_family_name, a.preferred_name as old_preferred_name,
                    a.student_number as old_student_number, c.changes,
                    case when i.account = 0 and i.status = 'suspended' then 'k'
                        when i.account = 0 and i.given_name is null and i.family_name is null then 'g'
                        when i.account = 0 then 'a'
                        when a.id is null then 'x'
                        when a.role = 'admin' and i.role <> 'student' then case when c.is_told then 'j' else 'i' end
                        when (a.role = 'student') <> (i.role = 'student')
                            then case a.status when 'archived' then 't' else 's' end
                        when c.changes = '' then case when c.is_told then 'y' else '=' end
                        when a.status = 'archived' then 'z' else 'u' end as fate
                from unnest(\(rows.map(\.cells.line))::int[], \(rows.map(\.cells.email))::text[],
                        \(rows.map(\.cells.givenName))::text[], \(rows.map(\.cells.familyName))::text[],
                        \(rows.map(\.cells.preferredName))::text[], \(rows.map(\.cells.studentNumber))::text[],
                        \(rows.map(\.account))::int[], \(rows.map(\.takesAddress))::bool[],
                        \(rows.map(\.takesNumber))::bool[],
                        \(rows.map(\.role.rawValue))::text[], \(rows.map(\.status))::text[])
                    with ordinality i (line, email, given_name, family_name, preferred_name, student_number, account,
                        takes_address, takes_number, role, status, n)
                left join accounts a on a.id = i.account
                cross join lateral (
                    select concat(case when i.email <> '' and lower(i.email) <> lower(a.email) then 'e' end,
                            case when i.given_name <> a.given_name then 'g' end,
                            case when i.family_name <> a.family_name then 'f' end,
                            case when i.preferred_name <> coalesce(a.preferred_name, '') then 'p' end,
                            case when i.student_number <> coalesce(a.student_number, '') then 'n' end,
                            case when i.status <> a.status and a.status <> 'archived' then 's' end) as changes,
                        a.status = 'archived' and i.status is distinct from 'suspended' as is_told) c),
            added as (
                insert into accounts (email, given_name, family_name, preferred_name, role, student_number)
                select case when takes_address then \(placeholder) else email end, coalesce(given_name, ''),
                    coalesce(family_name, ''), preferred_name, role, student_number
                from fated j where fate = 'a' and \(isStoring)
                returning id, email, given_name, family_name, preferred_name, role, status, student_number),
            changed as (
                update accounts a set email = case when j.email = '' or lower(j.email) = lower(a.email) then a.email
                        when j.takes_address then \(placeholder) else j.email end,
                    given_name = coalesce(j.given_name, a.given_name),
                    family_name = coalesce(j.family_name, a.family_name),
                    preferred_name = coalesce(j.preferred_name, a.preferred_name),
                    student_number = case when j.takes_number then null
                        else coalesce(j.student_number, a.student_number) end,
                    status = case when j.changes like '%s%' then j.status else a.status end,
                    version = a.version + 1
                from fated j
                where a.id = j.id and j.fate = 'u' and \(isStoring)
                returning a.id, a.given_name, a.family_name, a.preferred_name, a.status, j.changes, j.old_email, j.old_status,
                    j.old_given_name, j.old_family_name, j.old_preferred_name, j.old_student_number,
                    case when j.changes like '%e%' then j.email else j.old_email end as email,
                    coalesce(j.student_number, j.old_student_number) as student_number),
            ended as (delete from sessions s using changed c where s.account_id = c.id and c.changes like '%s%'),
            noted as (
                insert into audit (action, subject, before, after)
                select 'account.create', 'account/' || added.id, null::jsonb, \(Account.audited)
                    || case when email like 'line-%@waymark.invalid' then jsonb_build_object('email',
                        (select j.email from fated j where \(placeholder) = added.email)) else '{}' end
                from added
                union all
                select 'account.update', 'account/' || id,
                    jsonb_build_object('email', old_email, 'givenName', old_given_name, 'familyName', old_family_name,
                        'preferredName', old_preferred_name, 'studentNumber', old_student_number)
                        || case when changes like '%s%' then jsonb_build_object('status', old_status) else '{}' end,
                    jsonb_build_object('email', email, 'givenName', given_name, 'familyName', family_name,
                        'preferredName', preferred_name, 'studentNumber', student_number)
                        || case when changes like '%s%' then jsonb_build_object('status', status) else '{}' end
                from changed)\(invitation)
        select fate || case when fate = 'u' then changes else '' end from fated order by n
        """
    }

    /// What a code of `judge` means.
    static func fate(_ code: String) throws -> ImportFate {
        switch code.utf8.first {
        case UInt8(ascii: "a"): ImportFate(.added)
        case UInt8(ascii: "u"): ImportFate(.updated, changed: code.utf8.dropFirst().compactMap(field))
        case UInt8(ascii: "="), UInt8(ascii: "i"): ImportFate(.unchanged)
        case UInt8(ascii: "y"), UInt8(ascii: "j"): ImportFate(.unchanged, Refusal(.rowArchived))
        case UInt8(ascii: "k"): ImportFate(.skipped, Refusal(.rosterGone))
        case UInt8(ascii: "s"): ImportFate(.notAStudent, Refusal(.rowAddressOfNoStudent))
        case UInt8(ascii: "z"), UInt8(ascii: "t"): ImportFate(.notAStudent, Refusal(.rowArchived))
        case UInt8(ascii: "g"): ImportFate(.invalid, Refusal(.emptyForNewAccount), in: "given_name")
        case UInt8(ascii: "x"): throw StudentImport.changedMeanwhile
        default: throw CaseworkError.unavailable
        }
    }

    private static func field(_ letter: UInt8) -> String? {
        switch letter {
        case UInt8(ascii: "e"): "email"
        case UInt8(ascii: "g"): "givenName"
        case UInt8(ascii: "f"): "familyName"
        case UInt8(ascii: "p"): "preferredName"
        case UInt8(ascii: "n"): "studentNumber"
        case UInt8(ascii: "s"): "status"
        default: nil
        }
    }

    /// Whom those accounts belong to.
    static func people(who ids: [Int]) -> Query<[Int: NamedAccount]> {
        let sql: SQL = """
            select id, name || ' (' || email || ')' as name, status = 'archived' as archived
            from accounts where id = any (\(ids)::int[])
            """
        return Query(sql) { rows in
            var people: [Int: NamedAccount] = [:]
            for row in rows {
                people[try row.get("id")] = NamedAccount(name: try row.get("name"), isArchived: try row.get("archived"))
            }
            return people
        }
    }

    static func give(_ numbers: [(id: Int, number: String)]) -> Query<Void> {
        let sql: SQL = """
            update accounts a set student_number = j.number
            from unnest(\(numbers.map(\.id))::int[], \(numbers.map(\.number))::text[]) j (id, number) where a.id = j.id
            """
        return sql.done()
    }

    static func give(_ addresses: [(line: Int, email: String)]) -> Query<Void> {
        let sql: SQL = """
            update accounts a set email = j.email
            from unnest(\(addresses.map(\.line))::int[], \(addresses.map(\.email))::text[]) j (line, email)
            where lower(a.email) = \(placeholder)
            """
        return sql.done()
    }

    /// How many students may come in, and which of them are not among those accounts.
    static func missing(from present: [Int]) -> Query<(active: Int, missing: [Int])> {
        let sql: SQL = """
            select count(*)::int as active, coalesce(array_agg(a.id) filter (where x.id is null), '{}') as missing
            from accounts a left join unnest(\(present)::int[]) x (id) on x.id = a.id
            where a.role = 'student' and a.status = 'active'
            """
        return Query(sql) { rows in
            let row = try rows.only()
            return (try row.get("active"), try row.get("missing"))
        }
    }

    /// The first 200 of those accounts.
    static func people(of ids: [Int]) -> Query<[String]> {
        let sql: SQL = """
            select name || ' (' || email || ')' from accounts where id = any (\(ids)::int[]) order by sort_name, id limit 200
            """
        return sql.values()
    }

    /// Suspends those students, and ends their sessions.
    static func suspend(_ ids: [Int]) -> Query<Void> {
        let sql: SQL = """
            with changed as (
                    update accounts a set status = 'suspended', version = a.version + 1
                    where a.id = any (\(ids)::int[]) and a.role = 'student' and a.status = 'active'
                    returning a.id),
                ended as (delete from sessions s using changed c where s.account_id = c.id)
            insert into audit (action, subject, before, after)
            select 'account.update', 'account/' || id, '{"status": "active"}'::jsonb, '{"status": "suspended"}'::jsonb
            from changed
            """
        return sql.done()
    }
}
