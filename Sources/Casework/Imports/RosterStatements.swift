import Postgres

/// What a roster asks of the database and does to it, beside what any file of people does.
enum RosterStatements {
    /// The accounts that have the rows' sourcedIds, addresses and numbers, 0 for none, and a letter for each that says what it is.
    struct Found: RowDecodable {
        let bySource: [Int]
        private let byAddress: [Int]
        private let byNumber: [Int]
        /// Small where the roster has suspended the person: of the role `a`dmin, `d`irector, `m`anager, sta`f`f or `s`tudent.
        let sourceKinds: [UInt8]
        private let addressKinds: [UInt8]
        private let numberKinds: [UInt8]

        init(row: Row) throws {
            bySource = try row.get("by_source")
            byAddress = try row.get("by_address")
            byNumber = try row.get("by_number")
            sourceKinds = Array(try row.get("source_kinds", as: String.self).utf8)
            addressKinds = Array(try row.get("address_kinds", as: String.self).utf8)
            numberKinds = Array(try row.get("number_kinds", as: String.self).utf8)
        }

        func rows(for people: [RosterPerson]) -> [RosterWho.Row] {
            let counts =
                [bySource, byAddress, byNumber].map(\.count) + [sourceKinds, addressKinds, numberKinds].map(\.count)
            guard counts.allSatisfy({ $0 == people.count }) else { return [] }
            return people.indices.map { index in
                RosterWho.Row(
                    bySource: Int32(truncatingIfNeeded: bySource[index]),
                    byAddress: Int32(truncatingIfNeeded: byAddress[index]),
                    byNumber: Int32(truncatingIfNeeded: byNumber[index]),
                    hasAddress: !people[index].address.isEmpty, hasNumber: people[index].number != nil,
                    addressFits: addressKinds[index] != Self.unfit, numberFits: numberKinds[index] != Self.unfit,
                    addressIsSourced: addressKinds[index] == Self.sourced,
                    numberIsSourced: numberKinds[index] == Self.sourced)
            }
        }

        private static let unfit = UInt8(ascii: "-")
        private static let sourced = UInt8(ascii: "r")
    }

    static func people(of rows: [RosterPerson]) -> SQL {
        """
        select array_agg(coalesce(r.account_id, 0) order by n) as by_source,
            array_agg(coalesce(e.id, 0) order by n) as by_address, array_agg(coalesce(h.id, 0) order by n) as by_number,
            string_agg(case when r.account_id is null then '-' when r.suspended then k.letter else upper(k.letter) end, ''
                order by n) as source_kinds,
            string_agg(case when er.account_id is not null then 'r' when e.status <> 'archived' then 's' else '-' end, ''
                order by n) as address_kinds,
            string_agg(case when hr.account_id is not null then 'r' when h.status <> 'archived' then 's' else '-' end, ''
                order by n) as number_kinds
        from unnest(\(rows.map(\.sourcedID))::text[], \(rows.map(\.address))::text[], \(rows.map(\.number))::text[])
            with ordinality i (sourced_id, email, student_number, n)
        left join roster_records r on r.kind = 'user' and r.sourced_id = i.sourced_id
        left join accounts a on a.id = r.account_id
        left join accounts e on lower(e.email) = lower(i.email)
        left join roster_records er on er.kind = 'user' and er.account_id = e.id
        left join accounts h on h.student_number = i.student_number
        left join roster_records hr on hr.kind = 'user' and hr.account_id = h.id
        cross join lateral (select case a.role when 'staff' then 'f' else left(a.role, 1) end as letter) k
        """
    }

    /// A row whose sourcedId is to stand for an account; that is found by its address where it is new.
    struct Record {
        let sourcedID: String
        let account: Int
        let email: String
        let isSuspended: Bool
    }

    static func keep(_ records: [Record]) -> Query<Void> {
        let sql: SQL = """
            insert into roster_records (kind, sourced_id, account_id, suspended)
            select 'user', j.sourced_id,
                coalesce(nullif(j.account, 0), (select a.id from accounts a where lower(a.email) = lower(j.email))),
                j.suspended
            from unnest(\(records.map(\.sourcedID))::text[], \(records.map(\.account))::int[],
                \(records.map(\.email))::text[], \(records.map(\.isSuspended))::bool[])
                j (sourced_id, account, email, suspended)
            on conflict (kind, sourced_id) do update set suspended = excluded.suspended
            """
        return sql.done()
    }

    /// How many people may come in who are not admins; and which of the roster's people the file does not have.
    static func missing(from present: [Int]) -> Query<(active: Int, missing: [Int])> {
        let sql: SQL = """
            select count(*)::int as active,
                coalesce(array_agg(a.id) filter (where r.account_id is not null and x.id is null), '{}') as missing
            from accounts a
            left join roster_records r on r.kind = 'user' and r.account_id = a.id
            left join unnest(\(present)::int[]) x (id) on x.id = a.id
            where a.role <> 'admin' and a.status = 'active'
            """
        return Query(sql) { rows in
            let row = try rows.only()
            return (try row.get("active"), try row.get("missing"))
        }
    }

    /// Suspends those of the roster's people, and ends their sessions.
    static func suspend(_ ids: [Int]) -> Query<Void> {
        let sql: SQL = """
            with changed as (
                    update accounts a set status = 'suspended', version = a.version + 1
                    where a.id = any (\(ids)::int[]) and a.role <> 'admin' and a.status = 'active'
                    returning a.id),
                ended as (delete from sessions s using changed c where s.account_id = c.id),
                marked as (
                    update roster_records r set suspended = true from changed c where r.kind = 'user' and r.account_id = c.id)
            insert into audit (action, subject, before, after)
            select 'account.update', 'account/' || id, '{"status": "active"}'::jsonb, '{"status": "suspended"}'::jsonb
            from changed
            """
        return sql.done()
    }

    // MARK: Departments and cohorts

    /// What stands for a sourcedId, by that.
    static func records(of kind: String, _ column: SQL) -> Query<[String: Int]> {
        let sql: SQL = "select sourced_id, \(column) as id from roster_records where kind = \(kind)"
        return Query(sql) { rows in
            var records: [String: Int] = [:]
            for row in rows { records[try row.get("sourced_id")] = try row.get("id") as Int }
            return records
        }
    }

    static func addDepartments(_ names: [String]) -> Query<[(id: Int, name: String)]> {
        named(
            """
            with new as (insert into departments (name) select unnest(\(names)::text[]) returning id, name),
                noted as (
                    insert into audit (action, subject, after)
                    select 'department.create', 'department/' || id, jsonb_build_object('name', name) from new)
            select id, name from new
            """)
    }

    static func renameDepartments(_ names: [(id: Int, name: String, old: String)]) -> Query<Void> {
        let sql: SQL = """
            with new as (
                    update departments d set name = j.name, version = d.version + 1
                    from unnest(\(names.map(\.id))::int[], \(names.map(\.name))::text[], \(names.map(\.old))::text[])
                        j (id, name, old)
                    where d.id = j.id
                    returning d.id, d.name, j.old)
            insert into audit (action, subject, before, after)
            select 'department.update', 'department/' || id, jsonb_build_object('name', old),
                jsonb_build_object('name', name) from new
            """
        return sql.done()
    }

    static func keepDepartments(_ links: [(sourcedID: String, id: Int)]) -> Query<Void> {
        let sql: SQL = """
            insert into roster_records (kind, sourced_id, department_id)
            select 'org', sourced_id, id
            from unnest(\(links.map(\.sourcedID))::text[], \(links.map(\.id))::int[]) j (sourced_id, id)
            """
        return sql.done()
    }

    static func addCohorts(_ names: [String], in category: Int) -> Query<[(id: Int, name: String)]> {
        named(
            """
            with new as (
                    insert into cohorts (category_id, name) select \(category)::int, unnest(\(names)::text[])
                    returning id, category_id, name),
                noted as (
                    insert into audit (action, subject, after)
                    select 'cohort.create', 'cohort/' || id, jsonb_build_object('categoryId', category_id, 'name', name)
                    from new)
            select id, name from new
            """)
    }

    static func renameCohorts(_ names: [(id: Int, name: String, old: String)]) -> Query<Void> {
        let sql: SQL = """
            with new as (
                    update cohorts c set name = j.name, version = c.version + 1
                    from unnest(\(names.map(\.id))::int[], \(names.map(\.name))::text[], \(names.map(\.old))::text[])
                        j (id, name, old)
                    where c.id = j.id
                    returning c.id, c.name, j.old)
            insert into audit (action, subject, before, after)
            select 'cohort.update', 'cohort/' || id, jsonb_build_object('name', old), jsonb_build_object('name', name)
            from new
            """
        return sql.done()
    }

    static func keepCohorts(_ links: [(sourcedID: String, id: Int)]) -> Query<Void> {
        let sql: SQL = """
            insert into roster_records (kind, sourced_id, cohort_id)
            select 'class', sourced_id, id
            from unnest(\(links.map(\.sourcedID))::text[], \(links.map(\.id))::int[]) j (sourced_id, id)
            """
        return sql.done()
    }

    private static func named(_ sql: SQL) -> Query<[(id: Int, name: String)]> {
        Query(sql) { rows in
            var found: [(id: Int, name: String)] = []
            for row in rows { found.append((id: try row.get("id"), name: try row.get("name"))) }
            return found
        }
    }
}
