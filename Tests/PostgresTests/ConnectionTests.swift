import Foundation
import Postgres
import PrivatePostgres
import TestSupport
import Testing

@Suite struct ConnectionTests {
    @Test func `a script of many statements is one transaction`() async throws {
        try await withSchema { pool, schema in
            let connection = try await Connection.connect(conninfo: try await TestServer.url())
            #expect(connection.serverVersion >= 150_000)
            try await connection.execute(
                script: "create table \(schema).a (n int); insert into \(schema).a values (1), (2);")
            let error = await #expect(throws: PostgresError.self) {
                try await connection.execute(script: "insert into \(schema).a values (3); select 1/0; select 2")
            }
            #expect(error?.sqlState == "22012")
            #expect(try await connection(SQL("select count(*) from \(SQL(unchecked: schema)).a").value(Int.self)) == 2)
            await connection.close()
            let closed = await #expect(throws: PostgresError.self) { try await connection.execute(script: "select 1") }
            #expect(closed?.kind == .connection)
        }
    }

    @Test func `scripts and batches of one connection keep their order`() async throws {
        try await withSchema { pool, schema in
            let connection = try await Connection.connect(conninfo: try await TestServer.url())
            try await connection.execute(script: "create table \(schema).a (n int)")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<40 {
                    group.addTask {
                        if number.isMultiple(of: 2) {
                            try await connection.execute(script: "insert into \(schema).a values (\(number))")
                        } else {
                            _ = try await connection.batch([
                                Statement("insert into \(SQL(unchecked: schema)).a values (\(number))")
                            ])
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await connection(SQL("select sum(n) from \(SQL(unchecked: schema)).a").value(Int.self)) == 780)
            await connection.close()
        }
    }

    @Test func `a dead first host is passed over`() async throws {
        let port = try #require(URLComponents(string: try await TestServer.url())?.port)
        let url = try await TestServer.url()
            .replacing("127.0.0.1:\(port)", with: "127.0.0.1:1,127.0.0.1:\(port)")
        let connection = try await Connection.connect(conninfo: url, connectTimeout: .seconds(20))
        #expect(try await connection(SQL("select 5").value(Int.self)) == 5)
        await connection.close()
    }

    @Test func `a connection that cannot be made says why without the password`() async throws {
        for conninfo in [
            "postgresql://u:geheim@127.0.0.1:1/x", "host=127.0.0.1 password=geheim nonsense=1",
            "postgresql://u:geheim@127.0.0.1:99999/x",
        ] {
            let error = await #expect(throws: PostgresError.self) {
                _ = try await Connection.connect(conninfo: conninfo)
            }
            #expect(error?.kind == .connection)
            #expect(error?.isTransient == true)
            #expect(error.map { "\($0)" }?.contains("geheim") == false)
        }
    }
}
