/// What a hostile statement gets, written down: where it runs, and what the database answers.
struct Escape: Sendable, CustomStringConvertible {
    /// Where in a connection of `waymark_app_1`.
    enum Place: String, Sendable, CaseIterable {
        /// Before anything.
        case outside
        /// After an `enter` that was refused, back at a savepoint.
        case refused
        /// Entered as a student or as staff.
        case student, staff
        /// Entered as staff, then `reset role`.
        case reset
    }

    enum Answer: Sendable, Equatable {
        /// Refused, with this SQLSTATE.
        case state(String)
        /// One value, as text.
        case value(String)
        /// Runs, and gives nothing.
        case runs
    }

    let places: [Place]
    let statement: String
    let answer: Answer
    /// What PostgreSQL 16 and newer answer, where that is another thing.
    var newer: Answer?

    var description: String { "\(places.map(\.rawValue)): \(statement)" }

    private static let everywhere = Place.allCases
    private static let inside: [Place] = [.student, .staff]
    /// As the login itself.
    private static let login: [Place] = [.outside, .refused, .reset]

    private static func denied(_ places: [Place], _ statements: String...) -> [Escape] {
        statements.map { Escape(places: places, statement: $0, answer: .state("42501")) }
    }
    private static func runs(_ places: [Place], _ statements: String...) -> [Escape] {
        statements.map { Escape(places: places, statement: $0, answer: .runs) }
    }
    private static func answers(_ places: [Place], _ statement: String, _ value: String) -> Escape {
        Escape(places: places, statement: statement, answer: .value(value))
    }
    private static func fails(_ places: [Place], _ statement: String, _ state: String) -> Escape {
        Escape(places: places, statement: statement, answer: .state(state))
    }

    /// `$schema`, `$id`: the institution; `$other`, `$otherid`: another of the same partition; `$admin`: the hash of an
    /// admin's session. The fixture is `SecurityFixture`; the student is 5, staff is 4.
    static let all: [Escape] =
        // tables, views and functions without having entered
        denied(
            login, "select count(*) from $schema.accounts", "select count(*) from $schema.settings",
            "select count(*) from $schema.directory", "select count(*) from $schema.report_progress",
            "select $schema.setup_missing()", "select $schema.accept_invitation('\\x00', 'h')",
            "select $schema.renew_password_hash(1, 'h', 'h')", "select $schema.change_password(1, 'h', 'h', '')::text",
            "select count(*) from $schema.assignments",
            "select $schema.begin_sign_in(sha256('x'), false)::text", "select $schema.give_back_sign_in(sha256('x'))",
            "select $schema.sweep_sign_ins()", "select $schema.tell_of_password(1)::text",
            "select $schema.tell_of(1, 'password')::text", "select count(*) from $schema.authenticators",
            "select count(*) from $schema.sign_in_challenges",
            "select $schema.make_link(1, '00000000-0000-0000-0000-000000000000')::text",
            "select $schema.end_reports()",
            "select $schema.identify('https://idp', 's16', null, true, 'a', 'b', null, 'student')::text",
            "insert into $schema.audit (action, subject) values ('a', 's')",
            "copy $schema.accounts to stdout", "copy (select email from $schema.accounts) to stdout",
            "explain select * from $schema.progress", "select table_to_xml('$schema.accounts', true, true, '')",
            "lock table $schema.accounts in access share mode", "select currtid2('$schema.accounts', '(0,1)')::text")
        + [
            // who the login may become: every role of its partition's institutions, none beyond
            fails(everywhere, "set local role waymark_owner", "42501"),
            fails(everywhere, "set local role waymark_migrator", "42501"),
            fails(everywhere, "set local role $schema_reporter", "42501"),
            fails(everywhere, "set local session authorization waymark_migrator", "42501"),
        ]
        + runs(everywhere, "set local role $schema_admin", "set local role $other_admin", "reset role")
        // forged settings: SET is anybody's, the function that a SELECT could call is not
        + runs(everywhere, "set local waymark.account_id = '1'", "set local waymark.cohort_ids = '{2}'")
        + denied(
            everywhere, "select set_config('waymark.account_id', '1', true)", "select set_config('role', 'none', true)",
            "update pg_settings set setting = 'x' where name = 'search_path'", "do $$ begin reset role; end $$")
        + runs(everywhere, "set local row_security = off")
        + denied(everywhere, "set local session_replication_role = replica", "set local log_statement = 'all'")
        // the doors again, once inside
        + denied(
            inside, "select $schema.enter('$admin', 'any', true)", "select $schema.who('$admin', 'any', true)::text",
            "select $schema.enter_gate()", "select $schema.enter_system()", "select $other.enter_gate()",
            "select $schema.enter_roster('00000000-0000-0000-0000-000000000000')",
            "select $schema.enter_folder('00000000-0000-0000-0000-000000000000')",
            "select $schema.accept_invitation('\\x00', 'h')", "select $schema.renew_password_hash(1, 'h', 'h')",
            "select $schema.change_password(1, 'h', 'h', '')::text",
            "select $schema.begin_sign_in(sha256('x'), false)::text", "select $schema.give_back_sign_in(sha256('x'))",
            "select $schema.sweep_sign_ins()", "select $schema.end_reports()", "select $schema.note_figures()",
            "select $schema.make_link(1, '00000000-0000-0000-0000-000000000000')::text",
            "select count(*) from waymark.background_figures",
            "select count(*) from waymark.servers", "delete from waymark.servers",
            "update waymark.servers set seen_at = now()", "lock table waymark.servers in access share mode")
        // the other institution
        + denied(
            inside, "select count(*) from $other.settings", "select '$other.accounts'::regclass::text",
            "select $other.setup_missing()", "select has_table_privilege('$other.accounts', 'select')::text",
            "select schema_to_xml('$other', true, true, '')::text", "select nextval('$other.accounts_id_seq')")
        + [
            answers(inside, "select count(*)::text from information_schema.tables where table_schema = '$other'", "0"),
            answers(inside, "select count(*)::text from waymark.institutions", "0"),
            answers(login, "select count(*)::text from information_schema.tables where table_schema = '$other'", "0"),
        ]
        + denied(
            everywhere, "select count(*) from waymark.institution_changes",
            "select count(*) from waymark.platform_changes", "select count(*) from waymark.institution_figures",
            "select count(*) from waymark.institution_overview", "select count(*) from waymark.sign_in_clients",
            "insert into waymark.sign_in_clients (key, forgotten_at) values (sha256('x'), now())",
            "update waymark.sign_in_clients set forgotten_at = now()", "delete from waymark.sign_in_clients",
            "lock table waymark.sign_in_clients in access share mode")
        // rows by COPY, EXPLAIN, casts and divisions: only one's own
        + [
            fails(inside, "copy audit (action, subject) from stdin", "0A000"),
            fails([.student], "select id from accounts where email::int = 1", "22P02"),
            answers([.student], "select count(*)::text from accounts where 1 / (id - 4) > 5", "0"),
            answers([.student], "select count(*)::text from progress where 1 / (student_id - 16) > 5", "0"),
            answers([.staff], "select count(*)::text from my_students where 1 / (id - 15) > 5", "0"),
            answers([.student], "select count(*)::text from directory where 1 / (id - 14) > 5", "0"),
            answers([.student], "select count(*)::text from assignments where 1 / (student_id - 16) > 5", "0"),
        ]
        + denied(
            everywhere, "copy $schema.sessions to program 'cat'", "copy $schema.sessions to '/tmp/x'",
            "select pg_read_file('PG_VERSION')", "select pg_ls_dir('.')::text", "select lo_import('/etc/passwd')::text")
        // functions that run text, wait, signal, leave something behind
        + denied(
            everywhere, "select query_to_xml('select 1', true, true, '')::text",
            "select query_to_xmlschema('select 1', true, true, '')::text", "select ts_stat('select 1')::text",
            "select ts_rewrite('a'::tsquery, 'select 1')::text", "select lo_create(0)::text",
            "select lo_creat(1)::text",
            "select lo_from_bytea(0, '\\x01')::text", "select lo_put(1, 0, '\\x01')::text",
            "select lo_open(1, 131072)::text",
            "select lo_unlink(1)::text", "select pg_sleep(0)::text", "select pg_sleep_for('0')::text",
            "select pg_advisory_lock(1)::text", "select pg_try_advisory_lock(1)::text",
            "select pg_advisory_lock_shared(1, 1)::text", "select pg_advisory_xact_lock(1)::text",
            "select pg_try_advisory_xact_lock_shared(1, 1)::text", "select pg_notify('c', 'x')::text",
            "select pg_export_snapshot()", "select pg_reload_conf()::text", "select pg_stat_reset()::text",
            "select pg_replication_origin_create('x')::text", "select pg_switch_wal()::text")
        + denied(
            inside, "select pg_cancel_backend(pg_backend_pid())::text",
            "select pg_terminate_backend(pg_backend_pid())::text")
        + [
            fails(everywhere, "select lo_get(1)::text", "42704"),
            fails(everywhere, "select lastval()::text", "55000"),
        ]
        // objects
        + denied(
            everywhere, "create temp table t (i int)", "create table $schema.t (i int)", "create schema s",
            "create role r",
            "create view $schema.v as select 1", "create function $schema.f() returns int language sql as 'select 1'",
            "create function pg_temp.f() returns int language sql as 'select 1'",
            "create extension dblink schema $schema",
            "drop policy students_see_self on $schema.accounts",
            "alter table $schema.accounts disable row level security",
            "grant select on $schema.accounts to public", "truncate $schema.accounts", "truncate $schema.sessions",
            "comment on table $schema.accounts is 'x'",
            "create trigger t before insert on $schema.audit execute function f()",
            "load 'auto_explain'", "checkpoint", "reassign owned by waymark_owner to waymark_app_1")
        // sequences
        + denied(
            everywhere, "select nextval('$schema.accounts_id_seq')::text",
            "select last_value from $schema.accounts_id_seq",
            "select setval('$schema.accounts_id_seq', 1)::text")
        // statistics and what others do
        + denied(
            everywhere, "select count(*) from pg_statistic", "select count(*) from pg_authid",
            "select count(*) from pg_shadow")
        + [
            answers(everywhere, "select count(*)::text from pg_stats where schemaname like 'inst%'", "0"),
            answers(everywhere, "select count(*)::text from pg_stats_ext_exprs where schemaname like 'inst%'", "0"),
            answers(
                inside,
                """
                select count(*)::text from pg_stat_activity
                where query not like '<insufficient%' and query <> '' and pid <> pg_backend_pid()
                """, "0"),
            // numbers of rows and pages are anybody's, names of tables too
            answers(
                everywhere,
                "select (count(*) > 0)::text from pg_stat_all_tables where schemaname = '$other' and relname = 'accounts'",
                "true"),
            answers(
                everywhere,
                """
                select (pg_relation_size(c.oid) >= 0)::text from pg_class c
                where c.relnamespace = (select oid from pg_namespace where nspname = '$other') and c.relname = 'accounts'
                """, "true"),
        ]
        // keys: a refusal tells nothing that the caller may not see
        + denied(
            [.student], "insert into accounts (email, given_name, role) values ('t15@x.edu', 'X', 'student')",
            "update accounts set email = 't15@x.edu'", "update progress set student_id = 16",
            "insert into enrollments (cohort_id, student_id) values (2, 5)", "insert into groups (name) values ('One')",
            "insert into group_members (group_id, account_id, account_role) values (1, 5, 'student')",
            "insert into sessions (token_hash, account_id, expires_at) values (sha256('x'), 1, now())",
            "insert into progress (milestone_id, student_id, cohort_id, completion, status) values (2, 15, 2, 'staff', 'submitted')",
            "insert into progress (milestone_id, student_id, cohort_id, completion, status) values (99, 99, 99, 'staff', 'submitted')",
            "insert into idempotency_keys (account_id, route, key, body_hash) values (15, 'r', 'k', sha256('b'))")
        + denied(
            [.staff], "insert into cohorts (category_id, name) values (1, 'One')",
            "insert into cards (account_id, account_role) values (99, 'staff')",
            "insert into group_members (group_id, account_id, account_role) values (1, 12, 'director')",
            "insert into progress (milestone_id, student_id, cohort_id, completion, status) values (2, 15, 2, 'staff', 'waived')"
        )
        // what a statement may do, though no SELECT can: see DECISIONS-EARLIER.md
        + runs(
            everywhere, "listen c", "notify c", "set local statement_timeout = 0",
            "declare c cursor with hold for select 1")
        + runs(
            login, "alter role waymark_app_1 set search_path = x", "alter role waymark_app_1 password 'only-for-tests'")
        + denied(inside, "alter role waymark_app_1 set search_path = x", "alter role waymark_app_1 password 'x'")
        + runs(inside, "lock table idempotency_keys in access exclusive mode")
        + denied(inside, "lock table accounts in access share mode")
        // 16 lets who may delete rows take the lock that a query takes
        + [
            Escape(
                places: inside, statement: "lock table sessions in access share mode", answer: .state("42501"),
                newer: .runs)
        ]
}
