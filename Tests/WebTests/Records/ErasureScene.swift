import Casework
import Dates
import Foundation
import HTTPTypes
import Postgres
import Tenancy
import TestSupport
import Testing

/// A student of whom as much is kept as can be: by what people do, and by rows made for every table that names an account.
struct ErasureScene {
    let it: TestCohort
    /// In small letters, as the walk looks for them.
    static let words = ["quillonia", "zephyrine", "quilly", "qz-4711"]
    static let email = "quillonia.z@example.edu"

    var student: Int { it.student.id }

    /// - Parameter isArchived: whether an admin has archived the account at last.
    static func make(isArchived: Bool = true) async throws -> ErasureScene {
        let scene = ErasureScene(it: try await TestCohort.make())
        try await scene.work()
        if isArchived { try await scene.archive() }
        try await scene.furnish()
        return scene
    }

    func archive() async throws {
        let answer = try await it.send(it.admin, "PATCH /accounts/\(student)", json: #"{"status":"archived"}"#)
        #expect(answer.status == 200, "\(answer.text)")
    }

    func erase(_ confirmation: String = "quillonia.Z@example.edu", as who: TestInstitution.Person? = nil) async throws
        -> TestClient.Answer
    {
        try await it.send(
            who ?? it.admin, "POST /students/\(student)/erasure", json: #"{"confirmation":"\#(confirmation)"}"#)
    }

    /// What people do: steps with comments and files, a later date, and an answer that is kept for repetitions.
    private func work() async throws {
        let key = try #require(HTTPField.Name("Idempotency-Key"))
        for call in [
            (
                "PATCH /accounts/\(student)",
                """
                {"email":"\(Self.email)","givenName":"Quillonia","familyName":"Zephyrine","preferredName":"Quilly",
                 "studentNumber":"QZ-4711"}
                """
            ),
            ("POST /cohorts/\(it.hidden)/students", #"{"email":"\#(Self.email)"}"#),
        ] {
            let answer = try await it.send(it.admin, call.0, json: call.1, headers: [key: "k"])
            #expect(answer.status < 300, "\(answer.text)")
        }
        let form = MultipartForm(
            [("comment", "I am Quillonia")], [("files", "zephyrine.txt", "text/plain", Array("by Quillonia".utf8))])
        let step = "/milestones/\(it.milestone)/progress/\(student)"
        let sent = try await it.place.client(it.student).send(
            .post, "/api/v1\(step)/submit", body: form.bytes, contentType: form.type)
        #expect(sent.status == 200, "\(sent.text)")
        let due = try await it.milestone("Due", dueOn: CalendarDate("2126-01-01"))
        let extended = "/milestones/\(due)/extensions/\(student)"
        for (who, call, json) in [
            (it.staff, "POST \(step)/return", #"{"comment":"Dear Zephyrine, once more"}"#),
            (it.student, "POST \(extended)/request", #"{"dueOn":"2126-02-01","comment":"Quilly asks"}"#),
            (it.staff, "POST \(extended)/grant", #"{"dueOn":"2126-02-01","comment":"For Quilly"}"#),
        ] {
            let answer = try await it.send(who, call, json: json)
            #expect(answer.status == 200, "\(answer.text)")
        }
    }

    /// A row for the student in each table that has an account, and what other systems have sent.
    private func furnish() async throws {
        let place = it.place
        let statements: [SQL] = [
            "insert into sessions (token_hash, account_id, expires_at) values (sha256('s'), \(student), now())",
            "insert into sign_ins (account_id) values (\(student)) on conflict do nothing",
            "insert into authenticators (account_id, seed) values (\(student), 'quillonia')",
            """
            insert into sign_in_challenges (secret_hash, account_id, checked, expires_at)
            values (sha256('c'), \(student), sha256('c'), now())
            """,
            "insert into invitations (secret_hash, account_id, expires_at) values (sha256('i'), \(student), now())",
            "insert into identities (issuer, subject, account_id) values ('https://idp', 'quillonia', \(student))",
            "insert into awaited_identities (account_id) values (\(student))",
            """
            insert into api_tokens (token_hash, name, scopes, maker_id, expires_at)
            values (sha256('t'), 'Quillonia', '{read}', \(student), now() + interval '1 day')
            """,
            "insert into calendar_feeds (account_id, token_hash, language) values (\(student), sha256('f'), 'en')",
            "insert into mail_preferences (account_id) values (\(student)) on conflict do nothing",
            "insert into inbox_reads (account_id, entry) values (\(student), 'quillonia') on conflict do nothing",
            "insert into saved_views (account_id, name, query) values (\(student), 'Quillonia', '')",
            "insert into reset_requests (address) values (\(Self.email))",
            "insert into roster_records (kind, sourced_id, account_id) values ('user', 'quillonia', \(student))",
            """
            insert into roster_runs (state, account_id, ended_at, problems)
            values ('done', \(student), now(), '{"users quillonia: no role"}')
            """,
            """
            insert into folder_files (name, state, account_id, started_at, ended_at, problems, digest)
            values ('students-quillonia.csv', 'done', \(student), now(), now(), '{"3: quillonia: no name"}', sha256('f'))
            """,
            """
            insert into scim_users (user_name, email, given_name, family_name, external_id, account_id, employee_number)
            values (\(Self.email), \(Self.email), 'Quillonia', 'Zephyrine', 'QZ-4711', \(student), 'QZ-4711')
            """,
            "insert into audit (action, subject, after) select 'scimuser.create', 'scim-user/' || id, to_jsonb(u) from scim_users u",
            "insert into audit (action, subject, after) values ('x', 'cohort/1', '{\"said\": \"of Quillonia Zephyrine.\"}')",
            """
            insert into mails (account_id, kind, day, since, message_id, state, settled_at, reason)
            values (\(student), 'reminder', '2026-01-02', '2026-01-01', 'm', 'failed', now(), \("550 <" + Self.email + ">"))
            """,
            """
            insert into idempotency_keys (account_id, route, key, body_hash, response)
            values (\(student), 'r', 'own', sha256('b'), 'quillonia')
            """,
            "insert into idempotency_pieces (account_id, route, key, n, bytes) values (\(student), 'r', 'own', 1, 'quillonia')",
            "insert into uploads (account_id, name) values (\(student), 'Quillonia'), (\(it.admin.id), 'people.csv')",
            """
            insert into upload_pieces (upload_id, n, account_id, bytes)
            select id, 0, account_id, convert_to('email\n' || upper(\(Self.email)), 'UTF8') from uploads
            """,
        ]
        for statement in statements { try await place.run(statement) }
        try await writeEverywhere()
    }

    /// Writes the student's name into every text of every row that has the student's account, wherever the database takes it:
    /// so that a column of tomorrow has it too.
    private func writeEverywhere() async throws {
        let connection = try await Connection.connect(
            conninfo: it.place.database.superuser, connectTimeout: .seconds(10))
        let schema = it.place.institution.schema
        try await connection.execute(
            script: """
                set search_path = \(schema), pg_temp;
                do $$
                declare
                  place record;
                begin
                  for place in
                    select c.relname, r.attname as account, t.attname as said, t.atttypid::regtype::text as kind
                      from pg_class c
                      join (\(Self.references(schema))) r on r.relid = c.oid
                      join pg_attribute t on t.attrelid = c.oid and t.attnum > 0 and not t.attisdropped
                        and t.attgenerated = '' and c.relname || '.' || t.attname not in (\(Self.spared)) and t.atttypid in ('text'::regtype, 'jsonb'::regtype, 'bytea'::regtype)
                  loop
                    begin
                      execute format('update %I set %I = %s where %I = \(student)', place.relname, place.said,
                        case place.kind when 'text' then '''Quillonia''' when 'jsonb' then '''["Quillonia"]'''
                          else '''Quillonia''::bytea' end, place.account);
                    exception when others then null;
                    end;
                  end loop;
                end $$
                """)
        await connection.close()
    }

    /// What says who it is already, and what the program makes of numbers alone.
    private static let spared = [
        "accounts.email", "accounts.given_name", "accounts.family_name", "accounts.preferred_name",
        "accounts.student_number", "mails.message_id",
    ].map { "'\($0)'" }.joined(separator: ", ")

    /// The columns, as `relid` and `attname`, that name an account: of accounts itself, and by foreign keys, of one column
    /// or with others.
    private static func references(_ schema: String) -> String {
        """
        select '\(schema).accounts'::regclass::oid as relid, 'id'::name as attname
        union
        select k.conrelid, a.attname from pg_constraint k
          join pg_attribute a on a.attrelid = k.conrelid and a.attnum = any (k.conkey)
         where k.contype = 'f' and k.connamespace = '\(schema)'::regnamespace
           and a.attname in ('account_id', 'student_id', 'maker_id')
        """
    }

    /// Tables that may have rows of a student's account, as `table.column`, and which of them have one.
    func places() async throws -> (all: [String], filled: [String]) {
        let schema = it.place.institution.schema
        let all = try await it.place.texts(
            SQL(unchecked: "select relid::regclass || '.' || attname from (\(Self.references(schema))) r order by 1"))
        var filled: [String] = []
        for one in all {
            let parts = one.split(separator: ".").map(String.init)
            guard let table = parts.dropLast().last, let column = parts.last else { continue }
            let count = try await it.place.number(
                SQL(unchecked: "select count(*) from \(table) where \(column) = \(student)"))
            if count > 0 { filled.append(one) }
        }
        return (all, filled)
    }

    /// Where the schema says something of the student: every text, JSON and every byte of every table, by the catalogue.
    func traces() async throws -> [String] {
        let columns = try await it.place.texts(
            """
            select c.relname || ' ' || a.attname || ' ' || t.typname from pg_class c
              join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
              join pg_type t on t.oid = a.atttypid
             where c.relnamespace = \(it.place.institution.schema)::regnamespace and c.relkind in ('r', 'p')
             order by 1
            """)
        var traces: [String] = []
        for column in columns {
            let parts = column.split(separator: " ").map(String.init)
            guard parts.count == 3 else { continue }
            let said =
                switch parts[2] {
                case "bytea": "encode(\"\(parts[1])\", 'escape')"
                case "_bytea": "(select string_agg(encode(b, 'escape'), ' ') from unnest(\"\(parts[1])\") b)"
                default: "\"\(parts[1])\"::text"
                }
            let pattern = Self.words.joined(separator: "|")
            let found = try await it.place.number(
                SQL(unchecked: "select count(*) from \"\(parts[0])\" where \(said) ~* '\(pattern)'"))
            if found > 0 { traces.append("\(parts[0]).\(parts[1])") }
        }
        return traces
    }
}
