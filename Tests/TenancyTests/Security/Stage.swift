import Foundation
import Postgres
import Tenancy
import TestSupport

/// An institution of one test, seen through a superuser's connection that can become anybody within a transaction.
///
/// `set local session authorization` changes `session_user` as a sign-in would, so the readers of schema `waymark` answer
/// as they do to the service; policies and grants are changed in the same transaction and everything is rolled back.
struct Stage: Sendable {
    let place: TestInstitution
    let connection: Connection

    var schema: String { place.institution.schema }
    var id: Int { place.institution.id }

    static func open() async throws -> Stage {
        let place = try await TestInstitution.make()
        try await Probe.shared.install(place.database.superuser)
        return try await Stage(of: place)
    }

    /// Without what tries statements.
    init(of place: TestInstitution) async throws {
        self.place = place
        connection = try await Connection.connect(conninfo: place.database.superuser, connectTimeout: .seconds(10))
    }

    /// The checkout.
    static let root = (0..<4).reduce(URL(fileURLWithPath: #filePath)) { url, _ in url.deletingLastPathComponent() }

    /// Runs statements as the superuser, names resolving in the institution.
    func script(_ text: String) async throws {
        try await connection.execute(script: "set search_path = \(schema), pg_temp;\n\(text)")
    }

    /// Runs `body` in a transaction that is rolled back.
    func undone<T>(_ body: () async throws -> T) async throws -> T {
        try await script("begin")
        do {
            let value = try await body()
            try await connection.execute(script: "rollback")
            return value
        } catch {
            try? await connection.execute(script: "rollback")
            throw error
        }
    }

    /// What makes the connection somebody until the transaction ends, or `leave`.
    func entry(_ caller: Caller, audience: String) -> String {
        let app = "set local session authorization waymark_app_1;"
        let path = "set local search_path = \(schema), pg_temp;"
        return switch caller {
        case .owner: "set local session authorization waymark_migrator; set local role waymark_owner; \(path)"
        case .gate, .system: "\(app) select \(schema).enter_\(caller.rawValue)();"
        case .reporter: "set local session authorization \(caller.role(in: id)); \(path)"
        case .none: "\(app) \(path)"
        case .token: entry(hash: Caller.hash(token: 1), audience: audience)
        default: entry(hash: Caller.hash(session: caller.account), audience: audience)
        }
    }

    func entry(hash: String, audience: String) -> String {
        """
        set local session authorization waymark_app_1;
        select \(schema).enter('\(hash)', '\(audience)', true);
        """
    }

    static let leave = "reset session authorization; set local role none;"

    /// Within a transaction: becomes somebody, runs each statement and undoes it, and is the superuser again.
    /// - Returns: for each statement what `probe.run` says; one `WM…` for each where entering was refused.
    func outcomes(of statements: [String], entering: String) async throws -> [String] {
        do {
            try await connection.execute(script: "savepoint entered; \(entering)")
        } catch let error as PostgresError {
            try await connection.execute(script: "rollback to savepoint entered; \(Self.leave)")
            return statements.map { _ in error.sqlState?.rawValue ?? "?" }
        }
        let answers = try await connection(Probe.query(statements))
        try await connection.execute(script: "rollback to savepoint entered; \(Self.leave)")
        return answers
    }

    func outcomes(of statements: [String], as caller: Caller, audience: String) async throws -> [String] {
        try await outcomes(of: statements, entering: entry(caller, audience: audience))
    }

    /// The first column of a query, as the superuser.
    func values(_ sql: String) async throws -> [String] {
        try await connection(SQL(unchecked: sql).values(String.self))
    }
}

/// A function in the test database that tries statements with the caller's rights, one by one, and undoes each.
actor Probe {
    static let shared = Probe()
    private var installing: Task<Void, any Error>?

    /// Answers: a select's first value, else the number of rows; `policy` or `denied` for the two kinds of 42501;
    /// `error` and the SQLSTATE for any other.
    static func query(_ statements: [String]) -> Query<[String]> {
        let answer: SQL = "select answer from unnest(probe.run(\(statements))) with ordinality a (answer, n) order by n"
        return answer.values(String.self)
    }

    func install(_ superuser: String) async throws {
        if installing == nil {
            installing = Task {
                let connection = try await Connection.connect(conninfo: superuser, connectTimeout: .seconds(10))
                try await connection.execute(script: Self.definition)
                await connection.close()
            }
        }
        try await installing?.value
    }

    private static let definition = """
        create schema probe;
        grant usage on schema probe to public;
        create function probe.run(statements text[]) returns text[] language plpgsql as $$
        declare
          statement text;
          answer text;
          answers text[] := '{}';
          affected bigint;
        begin
          foreach statement in array statements loop
            begin
              if statement ~* '^\\s*(select|with)' then
                execute statement into answer;
                answer := coalesce(answer, '');
              else
                execute statement;
                get diagnostics affected = row_count;
                answer := affected::text;
              end if;
              raise exception 'undo' using errcode = 'PRB00';
            exception
              when sqlstate 'PRB00' then null;
              when insufficient_privilege then
                answer := case when sqlerrm like '%row-level security%' then 'policy' else 'denied' end;
              when others then
                answer := 'error ' || sqlstate;
            end;
            answers := array_append(answers, answer);
          end loop;
          return answers;
        end $$;
        -- A condition that writes down what it is given. Stable and cheap, so that the planner wants it early.
        create function probe.note(value text) returns boolean language plpgsql stable security definer cost 0.0001
        set search_path = '' as $$
        begin
          perform pg_catalog.set_config('probe.given', pg_catalog.concat(
            pg_catalog.current_setting('probe.given', true), pg_catalog.chr(30), value), false);
          return true;
        end $$;
        create function probe.given(rows bigint) returns text[] language plpgsql volatile as $$
        begin
          return pg_catalog.string_to_array(
            pg_catalog.substr(pg_catalog.current_setting('probe.given', true), 2), pg_catalog.chr(30));
        end $$;
        grant execute on function probe.run(text[]), probe.note(text), probe.given(bigint) to public;
        """
}
