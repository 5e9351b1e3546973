import Foundation
import Postgres
import PrivatePostgres
import Tenancy
import TestSupport
import Testing

/// `waymark work` over a folder of files, killed again and again, on a database server of its own.
@Suite struct FolderKillTests {
    /// A file that is put into the folder.
    private struct PutFile {
        let name: String
        /// Addresses, and what the people are called; some are in other files too.
        let people: [(email: String, given: String)]
        let text: String
        /// Why it cannot be taken in; nil: it can.
        var fault: String?

        init(_ number: Int, _ random: inout Fuzz) {
            let people = (1...Int.random(in: 300...1_500, using: &random)).map { person in
                (email: "s\(person * 3 + number % 3)@x.edu", given: "G\(number)")
            }
            let rows = people.map { "\($0.email),\($0.given),F\n" }.joined()
            let digits = number < 10 ? "0\(number)" : "\(number)"
            switch number % 7 {
            case 5:
                (name, fault, self.people) = ("students-\(digits).csv", "unusable", [])
                text = "email,given_name\n" + rows
            case 6:
                (name, fault, self.people) = ("notes-\(digits).txt", "name", [])
                text = rows
            default:
                (name, self.people) = ("students-\(digits).csv", people)
                text = "email,given_name,family_name\n" + rows
            }
        }
    }

    /// An institution whose folder many workers watch, one after the other.
    private struct Stage {
        let place: TestInstitution
        let program: WaymarkProgram
        let top: TemporaryFolder
        let folder: String

        init(_ database: TestDatabase.Prepared) async throws {
            place = try await TestInstitution.make(in: database)
            try await place.run("update import_folders set enabled = true")
            top = try TemporaryFolder()
            folder = "\(top.path)/\(place.institution.slug)"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
            program = WaymarkProgram(environment: [
                "WAYMARK_DATABASE_URL": database.serviceURL, "WAYMARK_DATABASE_PASSWORD": TestDatabase.password,
                "WAYMARK_IMPORT_FOLDER": top.path, "WAYMARK_LOG_LEVEL": "warning",
            ])
        }

        func put(_ file: PutFile) throws {
            try file.text.write(toFile: "\(folder)/\(file.name)", atomically: true, encoding: .utf8)
        }

        /// How many files lie there that nobody has taken.
        var waiting: Int { names("").count { !["done", "refused"].contains($0) } }

        /// What lies there; in a folder within, without the moments.
        func names(_ within: String) -> [String] {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(within)")) ?? []
            return names.map { $0.replacing(/-\d{8}T\d{6}Z/, with: "") }.sorted()
        }

        func isInHand() async throws -> Bool {
            try await place.number("select count(*) from import_folders where lease is not null") == 1
        }

        /// A dead worker's lease ends, for it cannot be made longer any more.
        func endLease() async throws {
            try await place.run("update import_folders set lease = null, lease_ends_at = null")
        }
    }

    /// A file that was taken, as the history has it.
    private struct Taken: RowDecodable {
        let name: String
        let state: String
        let fault: String?
        let isMoved: Bool
        let added, updated, unchanged: Int

        init(row: Row) throws {
            name = try row.get("name")
            state = try row.get("state")
            fault = try row.get("fault")
            isMoved = try row.get("moved")
            added = try row.get("added")
            updated = try row.get("updated")
            unchanged = try row.get("unchanged")
        }
    }

    @Test(.timeLimit(.minutes(10)))
    func `killed at any moment, a worker takes each file in once and loses none`() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("FolderKillTests: seed \(seed)")
        var random = Fuzz(seed: seed, samples: [String](), pieces: [])
        let (server, directory) = TestServer.make()
        defer {
            server.kill()
            try? FileManager.default.removeItem(atPath: directory)
        }
        let database = try await TestDatabase.prepare(server: try await server.start())
        let stage = try await Stage(database)
        var files: [PutFile] = []
        // always enough for a worker to be at when it is killed
        func put() throws {
            while stage.waiting < 6 {
                let file = PutFile(files.count, &random)
                try stage.put(file)
                files.append(file)
            }
        }
        // A worker waits ten seconds before it takes a file. So several wait at the same time, and the oldest has its turn.
        var workers: [(process: ChildProcess, folder: TemporaryFolder)] = []
        defer {
            for worker in workers where worker.process.isRunning { kill(worker.process.processIdentifier, SIGKILL) }
        }
        func start() throws {
            let folder = try TemporaryFolder()
            workers.append((try stage.program.start(["work"], folder: folder), folder))
        }
        for _ in 0..<8 {
            try put()
            try start()
            try await Task.sleep(for: .milliseconds(Int.random(in: 1_000...1_400, using: &random)))
        }
        for _ in 0..<25 {
            while try await !stage.isInHand() {
                try put()
                try await Task.sleep(for: .milliseconds(2))
            }
            try await Task.sleep(for: .microseconds(Int.random(in: 0...500_000, using: &random)))
            let (oldest, folder) = workers.removeFirst()
            try #require(oldest.isRunning, "\(folder.text("err"))")
            kill(oldest.processIdentifier, SIGKILL)
            _ = try await oldest.end()
            try await stage.endLease()
            try start()
        }
        while stage.waiting > 0 {
            try #require(workers.allSatisfy { $0.process.isRunning })
            try await Task.sleep(for: .milliseconds(100))
        }
        for worker in workers { kill(worker.process.processIdentifier, SIGTERM) }
        for worker in workers { #expect(try await worker.process.end() == 0, "\(worker.folder.text("err"))") }
        try await check(stage, files, "seed \(seed)")
        await database.migrator.close()
        await database.deployment.close()
    }

    /// Holds history, folders and data to each other.
    private func check(_ stage: Stage, _ files: [PutFile], _ seed: Comment) async throws {
        let history = try await stage.place.owner(
            ("select name, state, fault, moved, added, updated, unchanged from folder_files order by id" as SQL)
                .all(Taken.self))
        #expect(history.map(\.name).sorted() == files.map(\.name).sorted(), "each is told of once, \(seed)")
        let done = history.filter { $0.state == "done" }
        #expect(done.count > 10, seed)
        #expect(history.allSatisfy { $0.isMoved }, seed)
        #expect(stage.names("done") == done.map(\.name).sorted(), seed)
        let refused = history.filter { $0.state == "refused" }
        #expect(done.count + refused.count == history.count)
        let reasons = refused.map { $0.name.replacing(/\.[a-z]+$/, with: "-reason.txt") }
        #expect(
            stage.names("refused").filter { !$0.hasSuffix(".part") } == (refused.map(\.name) + reasons).sorted(), seed)

        var people: [String: String] = [:]
        for taken in history {
            let file = try #require(files.first { $0.name == taken.name })
            if taken.state == "refused" {
                // one on which four workers died in a row is given up
                #expect([file.fault, "program"].contains(taken.fault), "\(taken), \(seed)")
                continue
            }
            #expect(file.fault == nil, seed)
            let known = file.people.map { people[$0.email] }
            let expected = [
                known.count { $0 == nil }, zip(known, file.people).count { $0 != nil && $0 != $1.given },
                zip(known, file.people).count { $0 == $1.given },
            ]
            #expect([taken.added, taken.updated, taken.unchanged] == expected, "\(taken), \(seed)")
            for person in file.people { people[person.email] = person.given }
        }
        let stored = try await stage.place.texts(
            "select email || ' ' || given_name from accounts order by email collate \"C\"")
        #expect(stored == people.map { "\($0.key) \($0.value)" }.sorted(), seed)
        #expect(
            try await stage.place.number("select count(*) from audit where action = 'import.students'") == done.count,
            seed)
        #expect(
            try await stage.place.number(
                "select count(*) from import_folders where lease is null and working_on is null and tries = 0") == 1,
            seed)
    }
}
