import Postgres
import Tenancy
import TestSupport
import Testing

/// What a backend does not know of its login's roles, another may: the connection is not used again.
@Suite struct StaleRoleTests {
    @Test func `a connection that refuses a role is replaced`() async throws {
        var configuration = Pool.Configuration(conninfo: try await TestDatabase.shared.prepared().serviceURL)
        configuration.size = 1
        let book = EventBook()
        configuration.observers = book.observers
        let pool = Pool(configuration)
        var told: Int { book.titles.count { $0.hasPrefix("database_role_stale") } }
        func backend() async throws -> Int {
            let query = ("select pg_backend_pid()" as SQL).value(Int.self)
            return try query.decode(try await pool.batch([Statement(query.sql)], affinity: 1)[0])
        }
        let first = try await backend()
        #expect(try await backend() == first)
        let other = await #expect(throws: PostgresError.self) {
            _ = try await pool.batch([Statement("select 1 / 0")], affinity: 1)
        }
        #expect(other?.refusesRole == false)
        #expect(try await backend() == first)
        #expect(told == 0)
        let refused = await #expect(throws: PostgresError.self) {
            _ = try await pool.batch([Statement("set local role waymark_owner")], affinity: 1)
        }
        #expect(refused?.refusesRole == true)
        #expect(try await backend() != first)
        #expect(told == 1)
        await pool.close()
    }

    /// An institution whose gate refuses so many times, as a backend does that does not know the role, and counts.
    private struct Gate {
        let place: TestInstitution
        let deployment: Deployment
        private let superuser: Connection

        init(refusing count: Int) async throws {
            place = try await TestInstitution.make()
            var configuration = Pool.Configuration(conninfo: place.database.serviceURL)
            configuration.size = 1
            deployment = Deployment(.init(pool: configuration))
            superuser = try await Connection.connect(
                conninfo: place.database.superuser, connectTimeout: .seconds(10))
            let schema = place.institution.schema
            // a sequence keeps what a rollback undoes elsewhere
            try await superuser.execute(
                script: """
                    create sequence \(schema).attempts;
                    create sequence \(schema).backend_1; create sequence \(schema).backend_2;
                    create sequence \(schema).backend_3; create sequence \(schema).backend_4;
                    create sequence \(schema).backend_5;
                    grant all on all sequences in schema \(schema) to waymark_app_1, waymark_owner;
                    create or replace function \(schema).enter_gate() returns void language plpgsql as $$
                    declare
                      attempt bigint := nextval('\(schema).attempts');
                    begin
                      perform setval('\(schema).backend_' || attempt, pg_backend_pid());
                      if attempt <= \(count) then set local role waymark_owner; end if;
                      set local search_path = \(schema), pg_temp;
                      set local role \(schema)_gate;
                    end $$;
                    """)
        }

        var work: UnitOfWork { get throws { try deployment.gate(of: place.institution) } }

        /// The backends that were asked to enter, in order.
        func backends() async throws -> [Int] {
            let schema = place.institution.schema
            var found: [Int] = []
            for number in 1...5 {
                let sequence = "\(schema).backend_\(number)"
                let text = SQL(unchecked: "select case when is_called then last_value::int else 0 end from \(sequence)")
                found.append(try await place.number(text))
            }
            return found.filter { $0 > 0 }
        }

        func close() async {
            await deployment.close()
            await superuser.close()
        }
    }

    @Test(arguments: 0...3)
    func `work that was refused a role goes to other connections`(refusals: Int) async throws {
        let gate = try await Gate(refusing: refusals)
        let one = try await gate.work(("select 1" as SQL).value(Int.self))
        #expect(one == 1)
        let backends = try await gate.backends()
        #expect(backends.count == refusals + 1 && Set(backends).count == backends.count)
        await gate.close()
    }

    @Test(arguments: 0...3)
    func `so does a transaction, whose body runs once`(refusals: Int) async throws {
        let gate = try await Gate(refusing: refusals)
        var runs = 0
        try await gate.work.transaction { _ in runs += 1 }
        #expect(runs == 1)
        #expect(try await Set(gate.backends()).count == refusals + 1)
        await gate.close()
    }

    @Test func `what every connection refuses is an error after the fourth`() async throws {
        let gate = try await Gate(refusing: 5)
        let refused = await #expect(throws: PostgresError.self) { _ = try await gate.work.enter() }
        #expect(refused?.refusesRole == true)
        #expect(try await gate.backends().count == 4)
        await gate.close()
    }

    @Test func `a role refused within a transaction's body is its own, and not tried again`() async throws {
        let gate = try await Gate(refusing: 0)
        var runs = 0
        let refused = await #expect(throws: PostgresError.self) {
            try await gate.work.transaction { transaction in
                runs += 1
                try await transaction(("set local role waymark_owner" as SQL).done())
            }
        }
        #expect(refused?.refusesRole == true && runs == 1)
        #expect(try await gate.backends().count == 1)
        await gate.close()
    }
}
