import Postgres

/// What a file of staff does to the database.
enum StaffStatements {
    /// A letter for what becomes of each row, and a letter for each field that changes. Who changes the role is signed out, as by
    /// any other change of it; who stops being a director loses the directorships.
    /// - Parameter invitation: `ImportOptions.invitation`.
    static func judge(_ rows: [StaffCells], _ isStoring: Bool, _ invitation: SQL) -> SQL {
        let pairs = rows.flatMap { row in row.groups.map { (row.line, $0) } }
        return """
            with wanted as (
                    select line, group_id from unnest(\(pairs.map(\.0))::int[], \(pairs.map(\.1))::int[]) w (line, group_id)),
                fated as (
                    select i.n, i.line, i.email, i.given_name, i.family_name, i.preferred_name, i.role, a.id,
                        a.given_name as old_given_name, a.family_name as old_family_name,
                        a.preferred_name as old_preferred_name, a.role as old_role, c.changes,
                        case when a.id is null and i.given_name is null and i.family_name is null then 'g'
                            when a.id is null and i.role is null then 'r'
                            when a.id is null then 'a'
                            when a.role = 'student' then case a.status when 'archived' then 'z' else 's' end
                            when c.changes = '' then case a.status when 'archived' then 'y' else '=' end
                            when a.status = 'archived' then 'z'
                            when a.role = 'admin' and c.changes like '%r%' then 'x'
                            else 'u' end as fate
                    from unnest(\(rows.map(\.line))::int[], \(rows.map(\.email))::text[],
                            \(rows.map(\.givenName))::text[], \(rows.map(\.familyName))::text[],
                            \(rows.map(\.preferredName))::text[], \(rows.map(\.role))::text[])
                        with ordinality i (line, email, given_name, family_name, preferred_name, role, n)
                    left join accounts a on lower(a.email) = lower(i.email)
                    cross join lateral (
                        select concat(case when i.given_name <> a.given_name then 'g' end,
                            case when i.family_name <> a.family_name then 'f' end,
                            case when i.preferred_name <> coalesce(a.preferred_name, '') then 'p' end,
                            case when i.role <> a.role then 'r' end,
                            case when exists (select from wanted w
                                left join group_members m on m.group_id = w.group_id and m.account_id = a.id
                                where w.line = i.line and m.group_id is null) then 'm' end) as changes) c),
                added as (
                    insert into accounts (email, given_name, family_name, preferred_name, role)
                    select email, coalesce(given_name, ''), coalesce(family_name, ''), preferred_name, role
                    from fated where fate = 'a' and \(isStoring)
                    returning id, email, given_name, family_name, preferred_name, role, status, student_number),
                undirected as (
                    delete from department_directors d using fated j
                    where j.fate = 'u' and j.old_role = 'director' and j.changes like '%r%' and \(isStoring)
                        and d.account_id = j.id
                    returning d.department_id, d.account_id),
                changed as (
                    update accounts a set given_name = coalesce(j.given_name, a.given_name),
                        family_name = coalesce(j.family_name, a.family_name),
                        preferred_name = coalesce(j.preferred_name, a.preferred_name), role = coalesce(j.role, a.role),
                        version = a.version + 1
                    from fated j
                    where a.id = j.id and j.fate = 'u' and j.changes <> 'm' and \(isStoring)
                    returning a.id, a.given_name, a.family_name, a.preferred_name, a.role, j.old_given_name,
                        j.old_family_name, j.old_preferred_name, j.old_role),
                ended as (delete from sessions s using changed c where s.account_id = c.id and c.role <> c.old_role),
                joined as (
                    insert into group_members (group_id, account_id, account_role)
                    select w.group_id, coalesce(j.id, n.id), coalesce(n.role, j.role, j.old_role)
                    from fated j join wanted w on w.line = j.line
                    left join added n on j.fate = 'a' and lower(n.email) = lower(j.email)
                    where j.fate in ('a', 'u') and \(isStoring)
                    on conflict (group_id, account_id) do nothing
                    returning group_id, account_id),
                noted as (
                    insert into audit (action, subject, before, after)
                    select 'account.create', 'account/' || id, null::jsonb, \(Account.audited) from added
                    union all
                    select 'account.update', 'account/' || id,
                        jsonb_build_object('givenName', old_given_name, 'familyName', old_family_name,
                            'preferredName', old_preferred_name, 'role', old_role),
                        jsonb_build_object('givenName', given_name, 'familyName', family_name,
                            'preferredName', preferred_name, 'role', role)
                    from changed
                    union all
                    select 'director.delete', 'department/' || department_id,
                        jsonb_build_object('accountId', account_id), null from undirected
                    union all
                    select 'membership.create', 'group/' || group_id, null,
                        jsonb_build_object('accountId', account_id, 'manager', false) from joined)\(invitation)
            select fate || case when fate = 'u' then changes else '' end from fated order by n
            """
    }

    /// How many staff, managers and directors who may come in have none of those addresses, and the first 200 of them.
    static func missing(from present: [String]) -> Query<(Int, [String])> {
        let sql: SQL = """
            select count(*)::int as missing, coalesce((array_agg(a.name || ' (' || a.email || ')' order by a.sort_name, a.id))[:200],
                '{}') as people
            from accounts a left join unnest(\(present)::text[]) x (email) on x.email = lower(a.email)
            where a.role in ('director', 'manager', 'staff') and a.status = 'active' and x.email is null
            """
        return Query(sql) { rows in
            let row = try rows.only()
            return (try row.get("missing"), try row.get("people"))
        }
    }

    /// What a code of `judge` means.
    static func fate(_ code: String) throws -> ImportFate {
        switch code.utf8.first {
        case UInt8(ascii: "a"): ImportFate(.added)
        case UInt8(ascii: "u"): ImportFate(.updated, changed: code.utf8.dropFirst().compactMap(field))
        case UInt8(ascii: "="): ImportFate(.unchanged)
        case UInt8(ascii: "y"): ImportFate(.unchanged, Refusal(.rowArchived))
        case UInt8(ascii: "s"): ImportFate(.invalid, Refusal(.rowOfStudent))
        case UInt8(ascii: "z"): ImportFate(.invalid, Refusal(.rowArchived))
        case UInt8(ascii: "g"): ImportFate(.invalid, Refusal(.emptyForNewAccount), in: "given_name")
        case UInt8(ascii: "r"): ImportFate(.invalid, Refusal(.emptyForNewAccount), in: "role")
        case UInt8(ascii: "x"): ImportFate(.invalid, Refusal(.rowOfAdmin), in: "role")
        default: throw CaseworkError.unavailable
        }
    }

    private static func field(_ letter: UInt8) -> String? {
        switch letter {
        case UInt8(ascii: "g"): "givenName"
        case UInt8(ascii: "f"): "familyName"
        case UInt8(ascii: "p"): "preferredName"
        case UInt8(ascii: "r"): "role"
        case UInt8(ascii: "m"): "groups"
        default: nil
        }
    }
}
