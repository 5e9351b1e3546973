/// What must hold of every institution's schema, asked of the catalogue. Each rule answers with what breaks it.
struct LintRule: Sendable {
    let name: String
    /// One column of text; `$schema` and `$id` are filled in.
    let query: String
    /// DDL that breaks the rule, to show that it is noticed.
    let planted: String

    private static let tables = """
        pg_class c where c.relnamespace = '$schema'::regnamespace and c.relkind in ('r', 'p')
        """
    private static let policies = """
        pg_policy p join pg_class c on c.oid = p.polrelid
        cross join lateral unnest(p.polroles) r (role) left join pg_roles o on o.oid = r.role
        where c.relnamespace = '$schema'::regnamespace
        """
    private static let commands = """
        (values ('select', 'r'), ('insert', 'a'), ('update', 'w'), ('delete', 'd')) x (privilege, letter)
        """
    /// Of a role: whether it holds a privilege on a table or any of its columns.
    private static func holds(_ role: String) -> String {
        """
        (has_table_privilege(\(role), c.oid, x.privilege)
          or x.privilege <> 'delete' and has_any_column_privilege(\(role), c.oid, x.privilege))
        """
    }

    /// Everybody who has a right on something in the schema, with the right.
    private static let grants = """
        (select c.relname::text as object, (aclexplode(c.relacl)).* from pg_class c
          where c.relnamespace = '$schema'::regnamespace
         union all
         select c.relname || '.' || a.attname, (aclexplode(a.attacl)).* from pg_attribute a join pg_class c on c.oid = a.attrelid
          where c.relnamespace = '$schema'::regnamespace
         union all
         select f.proname || '()', (aclexplode(coalesce(f.proacl, acldefault('f', f.proowner)))).* from pg_proc f
          where f.pronamespace = '$schema'::regnamespace
         union all
         select 'the schema', (aclexplode(n.nspacl)).* from pg_namespace n where n.nspname = '$schema') g
        """

    /// Definer functions, and why each is safe.
    static let definers = [
        "limit_retention":
            "takes and answers nothing; sets what this transaction's policies compare with; the background work's",
        "erase_student": "needs the number of an archived student; takes away, and shows nothing; no program's",
        "erase_archived":
            "takes a bound; erases only whom the institution keeps no longer; the background work's alone",
        "who": "answers only to a secret's hash; callable by the logins alone, before any statement of a request",
        "setup_missing": "takes nothing and answers with up to six fixed words",
        "accept_invitation": "needs an invitation's hash; changes the one account it names; the gate's alone",
        "renew_password_hash": "needs the hash it replaces; changes the one account that has it; the gate's alone",
        "change_password": "needs the hash it replaces; changes the one account that has it; the gate's alone",
        "identify":
            "ties or makes an account only as the institution's admins have set; never more than a rule says; the gate's",
        "make_link":
            "makes a link only for a mail that the caller holds, by the hash in it; the background work's alone",
        "tell_of": "answers nothing; has a mail of fixed words sent to the one account it is given",
        "tell_of_password": "answers nothing; has a mail of fixed words sent to the one account it is given",
        "renew_content": "nobody may call it; as a trigger it writes one column that says nothing",
        "withdraw_links":
            "nobody may call it; as a trigger it takes away links to an address that is no longer an account's",
        "count_bytes": "nobody may call it; as a trigger it writes one sum that nobody reads but as a refusal",
        "begin_sign_in": "answers of the one client asked about, and changes its row; the gate's alone",
        "give_back_sign_in": "answers nothing, changes the row of the one client it is given; the gate's alone",
        "sweep_sign_ins": "takes nothing, removes what says nothing any more; the background work's alone",
        "end_reports": "takes nothing, ends what its institution's reporter holds too long; the background work's",
        "note_figures": "takes and answers nothing; writes how much its own institution has, for the operator",
        "schedule_work": "takes and answers nothing; writes when its own institution is to be looked into next",
        "schedule_roster":
            "takes and answers nothing; writes when its own institution's roster is to be looked after next",
        "announce_requests":
            "takes cohorts of the student's and answers nothing; makes mails that say what waits when they are sent",
        "carry_milestone":
            "nobody may call it; as a trigger it gives a shared milestone's texts to the others, in scope",
        "carry_file": "nobody may call it; as a trigger it gives a shared milestone's files to the others, in scope",
        "carry_progress": "nobody may call it; as a trigger it takes the same step for the same student beside",
        "carry_progress_event": "nobody may call it; as a trigger it tells the same step beside",
        "carry_extension": "nobody may call it; as a trigger it gives the same student the same day beside",
        "carry_extension_event": "nobody may call it; as a trigger it tells the same of it beside",
        "carry_submission":
            "nobody may call it; as a trigger it brings a student's own file where the same work counts",
        "catch_up_joining": "nobody may call it; as a trigger it brings the own state of who joins along",
        "catch_up_sharing": "nobody may call it; as a trigger it brings students' own states along",
        "undo_step":
            "restores what stood before the caller's own last step, where the caller may take steps; answers no more",
        "take_turn": "takes nothing, answers nothing, changes nothing; admins', who could as well import without end",
    ]

    /// Rights that no policy answers for: nothing is reached by them.
    static let unanswered = [
        "group_members update manager": "one statement serves all who keep members, and changes nothing for a manager"
    ]

    static let all: [LintRule] = [
        LintRule(
            name: "row security is enabled and forced",
            query: "select c.relname from \(tables) and not (c.relrowsecurity and c.relforcerowsecurity)",
            planted: "alter table cards no force row level security"),
        LintRule(
            name: "the owner sees all rows",
            query: """
                select c.relname from \(tables) and not exists (
                  select from pg_policy p where p.polrelid = c.oid and p.polname = 'owner_all' and p.polcmd = '*'
                    and p.polroles = array['waymark_owner'::regrole::oid] and p.polpermissive
                    and pg_get_expr(p.polqual, c.oid) = 'true' and pg_get_expr(p.polwithcheck, c.oid) = 'true')
                """,
            planted: "drop policy owner_all on cards"),
        LintRule(
            name: "every right on a table has its policy",
            query: """
                select c.relname || ' ' || x.privilege || ' ' || split_part(o.rolname, '_', 3)
                from pg_roles o, \(commands), \(tables) and o.rolname like 'inst\\_$id\\_%' and \(holds("o.oid"))
                  and not exists (select from pg_policy p where p.polrelid = c.oid and o.oid = any (p.polroles)
                    and p.polcmd::text in ('*', x.letter))
                """,
            planted: "drop policy students_read on settings"),
        LintRule(
            name: "every policy has its right",
            query: """
                select c.relname || '.' || p.polname || ' ' || o.rolname from \(policies) and o.rolname <> 'waymark_owner'
                  and not exists (select from \(commands) where p.polcmd::text in ('*', x.letter) and \(holds("o.oid")))
                """,
            planted: "create policy idle on audit for delete to inst_$id_staff using (true)"),
        LintRule(
            name: "a policy names roles of its institution",
            query: """
                select c.relname || '.' || p.polname from \(policies) and (not p.polpermissive
                  or coalesce(o.rolname not like 'inst\\_$id\\_%' and o.rolname <> 'waymark_owner', true))
                """,
            planted: "create policy anybody on cards for select using (true)"),
        LintRule(
            name: "no policy looks into a table",
            query: """
                select c.relname || '.' || p.polname from \(policies)
                  and (concat(pg_get_expr(p.polqual, c.oid), pg_get_expr(p.polwithcheck, c.oid)) ~* '\\mselect\\M'
                    or exists (select from pg_depend d join pg_proc f on f.oid = d.refobjid
                      where d.classid = 'pg_policy'::regclass and d.objid = p.oid and d.refclassid = 'pg_proc'::regclass
                        and f.pronamespace <> 'waymark'::regnamespace))
                """,
            planted: "create policy looks on cards for select to inst_$id_staff using (exists (select from groups))"),
        LintRule(
            name: "readers are inlined and read no table",
            query: """
                select f.proname from pg_proc f join pg_language l on l.oid = f.prolang
                where f.pronamespace = 'waymark'::regnamespace
                  and not exists (select from pg_depend d where d.objid = f.oid and d.deptype = 'e')
                  and (l.lanname <> 'sql' or f.provolatile = 'v' or f.prosecdef or f.proconfig is not null
                    or f.proparallel <> 's' or f.prosqlbody is null
                    or exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = f.oid
                      and d.refclassid = 'pg_class'::regclass))
                """,
            planted: """
                create function waymark.planted() returns bigint language sql stable parallel safe
                  return (select count(*) from cards)
                """),
        LintRule(
            name: "every table has a primary key",
            query: """
                select c.relname from \(tables)
                  and not exists (select from pg_constraint k where k.conrelid = c.oid and k.contype = 'p')
                """,
            planted: "alter table sign_in_attempts drop constraint sign_in_attempts_pkey"),
        LintRule(
            name: "constraints have telling names",
            query: """
                select k.conname from pg_constraint k join pg_class c on c.oid = k.conrelid
                where k.connamespace = '$schema'::regnamespace and k.contype in ('p', 'u', 'f', 'c')
                  and k.conname !~ ('^' || c.relname || '(_[a-z_]+)?_'
                    || case k.contype when 'p' then 'pkey' when 'u' then 'key' when 'f' then 'fkey' else 'check' end || '$')
                """,
            planted: "alter table cards add check (office <> 'x')"),
        LintRule(
            name: "definer functions are known and pin their search_path",
            query: """
                select f.proname from pg_proc f where f.pronamespace = '$schema'::regnamespace and f.prosecdef
                  and (f.proname not in (\(definers.keys.sorted().map { "'\($0)'" }.joined(separator: ", ")))
                    or not coalesce(f.proconfig, '{}') @> array['search_path=""'])
                """,
            planted: """
                create or replace function setup_missing() returns text[] language sql stable security definer
                  as 'select null::text[]'
                """),
        LintRule(
            name: "nothing is PUBLIC's",
            query: "select g.object || ' ' || g.privilege_type from \(grants) where g.grantee = 0",
            planted: "create function planted() returns int language sql return 1"),
        LintRule(
            name: "logins have the way in and nothing else",
            query: """
                select g.object || ' ' || g.privilege_type || ' ' || o.rolname from \(grants) join pg_roles o on o.oid = g.grantee
                where o.rolcanlogin and not o.rolsuper and (g.object, g.privilege_type) not in (('the schema', 'USAGE'),
                  ('who()', 'EXECUTE'), ('enter()', 'EXECUTE'), ('enter_gate()', 'EXECUTE'), ('enter_system()', 'EXECUTE'),
                  ('enter_roster()', 'EXECUTE'), ('enter_folder()', 'EXECUTE'))
                """,
            planted: "grant select (id) on accounts to waymark_app_1"),
        LintRule(
            name: "only the institution's roles have rights, and none may pass them on",
            query: """
                select g.object || ' ' || g.privilege_type || ' ' || o.rolname from \(grants) join pg_roles o on o.oid = g.grantee
                where not o.rolcanlogin and o.rolname <> 'waymark_owner'
                  and (o.rolname not like 'inst\\_$id\\_%' or g.is_grantable)
                """,
            planted: "grant select on cards to inst_$id_staff with grant option"),
        LintRule(
            name: "inserts and updates list their columns",
            query: """
                select c.relname || ' ' || p || ' ' || o.rolname from pg_roles o, unnest(array['insert', 'update']) p, \(tables)
                  and o.rolname like 'inst\\_$id\\_%' and has_table_privilege(o.oid, c.oid, p)
                """,
            planted: "grant insert on cards to inst_$id_staff"),
        LintRule(
            name: "columns that policies compare lead an index",
            query: """
                select distinct c.relname || '.' || m[1] from pg_policy p join pg_class c on c.oid = p.polrelid
                cross join lateral regexp_matches(pg_get_expr(p.polqual, c.oid), '(\\w+) = (?:ANY \\()?waymark\\.', 'g') m
                where c.relnamespace = '$schema'::regnamespace and not exists (
                  select from pg_index i join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
                  where i.indrelid = c.oid and a.attname = m[1] and i.indpred is null)
                """,
            planted: "create policy planted on audit for select to inst_$id_staff using (token_id = waymark.token_id())"
        ),
        LintRule(
            name: "foreign keys are indexed",
            query: """
                select k.conname from pg_constraint k where k.connamespace = '$schema'::regnamespace and k.contype = 'f'
                  and not exists (select from pg_index i where i.indrelid = k.conrelid and i.indkey[0] = any (k.conkey)
                    and i.indpred is null)
                """,
            planted: "alter table cards add other_id int constraint cards_other_id_fkey references accounts (id)"),
        // else whoever changes a column of it keeps all waiting who tie something to the row, as at sign-in
        LintRule(
            name: "only what foreign keys refer to is a key",
            query: """
                select i.indexrelid::regclass::text from pg_index i join pg_class c on c.oid = i.indrelid
                where c.relnamespace = '$schema'::regnamespace and i.indisunique and not i.indisprimary
                  and i.indpred is null and i.indexprs is null
                  and exists (select from pg_constraint k where k.contype = 'f' and k.confrelid = c.oid)
                  and not exists (select from pg_constraint k where k.contype = 'f' and k.conindid = i.indexrelid)
                """,
            planted: "create unique index planted on accounts (student_number)"),
        LintRule(
            name: "foreign keys stay in the schema",
            query: """
                select k.conname from pg_constraint k join pg_class c on c.oid = k.confrelid
                where k.connamespace = '$schema'::regnamespace and k.contype = 'f' and c.relnamespace <> k.connamespace
                """,
            planted: """
                alter table cards add place_id int constraint cards_place_id_fkey references waymark.institutions (id)
                """),
        LintRule(
            name: "views keep a barrier, or the caller's rights",
            query: """
                select c.relname from pg_class c where c.relnamespace = '$schema'::regnamespace and c.relkind in ('v', 'm')
                  and not coalesce(c.reloptions, '{}') && array['security_barrier=true', 'security_invoker=true']
                """,
            planted: "alter view directory reset (security_barrier)"),
        LintRule(
            name: "everything belongs to the owner",
            query: """
                select c.relname::text from pg_class c
                  where c.relnamespace = '$schema'::regnamespace and c.relowner <> 'waymark_owner'::regrole
                union all select f.proname from pg_proc f
                  where f.pronamespace = '$schema'::regnamespace and f.proowner <> 'waymark_owner'::regrole
                union all select n.nspname from pg_namespace n
                  where n.nspname = '$schema' and n.nspowner <> 'waymark_owner'::regrole
                """,
            planted: "create view planted with (security_barrier) as select 1 as one"),
        LintRule(
            name: "no triggers but those that the README names, and no rules",
            query: """
                select t.tgname::text from pg_trigger t join pg_class c on c.oid = t.tgrelid
                  where c.relnamespace = '$schema'::regnamespace and not t.tgisinternal
                    and t.tgname not in ('renew_content', 'count_bytes', 'catch_up', 'withdraw_links', 'date_archiving') and t.tgname not like 'carry%'
                union all select rulename from pg_rules where schemaname = '$schema'
                """,
            planted: "create rule planted as on insert to cards do also nothing"),
    ]

    func query(_ stage: Stage) -> String { fill(query, stage) }
    func planted(_ stage: Stage) -> String { fill(planted, stage) }

    private func fill(_ text: String, _ stage: Stage) -> String {
        text.replacing("$schema", with: stage.schema).replacing("$id", with: "\(stage.id)")
    }
}
