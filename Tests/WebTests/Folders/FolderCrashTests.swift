import Casework
import Foundation
import Postgres
import Tenancy
import TestSupport
import Testing

@testable import Web

/// Servers that die on the way, and several at once.
@Suite struct FolderCrashTests {
    /// A server that has the folder in hand.
    private struct Server {
        let work: FolderWork
        let order: FolderWork.Order
        let intake: FolderIntake
        let folder: InstitutionFolder

        init?(_ scene: FolderScene) async throws {
            let deployment = scene.college.database.deployment
            let system = try deployment.system(of: scene.college.institution)
            work = FolderWork(work: system)
            guard let order = try await work.begin(at: scene.clock.now, lease: 120),
                let folder = try await WatchedFolder(path: scene.top.path).folder(of: scene.college.institution.slug)
            else { return nil }
            (self.order, self.folder) = (order, folder)
            intake = FolderIntake(
                admin: try deployment.folder(of: scene.college.institution, lease: order.lease), system: system, order,
                says: \.inReport)
        }

        /// Takes in the one file that lies there, and does not move it.
        func take(at now: Date) async throws -> FolderFile {
            let entry = try #require(try await folder.entries().first)
            let content = try #require(try await folder.read(entry))
            let file = FolderFinding(name: entry.name, size: entry.state.size, content: content)
            return try await intake.take(file, as: .students, at: now).file
        }
    }

    @Test func `of a server killed between commit and move only the moving is left`() async throws {
        let scene = try await FolderScene.make()
        try scene.put("students.csv", students: 2)
        let dead = try #require(try await Server(scene))
        _ = try await dead.take(at: scene.clock.now)
        try await scene.college.run("update accounts set given_name = 'Changed' where email = 's1@x.edu'")
        // as long as its lease lasts nobody else takes the folder
        await scene.work()
        #expect(try scene.names() == ["students.csv"])
        scene.clock.now += 121
        await scene.worker.round()
        #expect(try scene.names("done") == ["students-STAMP.csv"])
        #expect(try await scene.states() == ["students.csv done moved"])
        #expect(
            try await scene.college.texts("select given_name from accounts where email = 's1@x.edu'") == ["Changed"])
        // the same content put there anew is a file of its own
        try scene.put("students.csv", students: 2)
        await scene.work()
        #expect(try await scene.states() == ["students.csv done moved", "students.csv done moved"])
        #expect(try await scene.college.texts("select given_name from accounts where email = 's1@x.edu'") == ["Sam"])
    }

    @Test func `of one killed between move and its note nothing is left, and the same file anew is a new one`()
        async throws
    {
        let scene = try await FolderScene.make()
        try scene.put("students.csv", students: 1)
        await scene.work()
        try await scene.college.run("update folder_files set moved = false")
        try await scene.college.run("update accounts set given_name = 'Changed' where email = 's1@x.edu'")
        try scene.put("students.csv", students: 1)
        await scene.work()
        #expect(try await scene.states() == ["students.csv done moved", "students.csv done moved"])
        #expect(try await scene.college.texts("select given_name from accounts where email = 's1@x.edu'") == ["Sam"])
        #expect(try scene.names("done").count == 2)
    }

    @Test func `whoever comes back from the dead stores nothing`() async throws {
        let scene = try await FolderScene.make()
        try scene.put("students.csv", students: 1)
        let late = try #require(try await Server(scene))
        scene.clock.now += 121
        let next = try #require(try await Server(scene))
        #expect(try await late.work.extend(late.order, at: scene.clock.now, lease: 120) == false)
        await #expect(throws: FolderLost.self) { _ = try await late.take(at: scene.clock.now) }
        #expect(try await scene.states() == [])
        #expect(try await scene.students() == [])
        // one whose lease ends while it stores takes all of it back
        let entry = try #require(try await next.folder.entries().first)
        let content = try #require(try await next.folder.read(entry))
        let finding = FolderFinding(name: entry.name, size: 1, content: content)
        let system = FolderWork(work: try scene.college.database.deployment.system(of: scene.college.institution))
        try await system.end(next.order)
        await #expect(throws: FolderLost.self) {
            _ = try await next.intake.refuse(finding, FolderFault(.name), at: scene.clock.now)
        }
        let entered = try scene.college.database.deployment.folder(
            of: scene.college.institution, lease: next.order.lease)
        await #expect(throws: EntryRefusal.forbidden) { try await entered.enter() }
    }

    /// `accounts`: nothing is stored yet. `folder_files`: all is, but the history.
    @Test(arguments: ["accounts", "folder_files"])
    func `of a file whose connection breaks nothing is stored, and later all, once`(table: String) async throws {
        let scene = try await FolderScene.make(database: try await TestDatabase.shared.prepared().apart())
        try scene.put("students.csv", students: 300)
        await scene.worker.round()
        scene.clock.now += 31
        let college = scene.college
        let lock = SQL(unchecked: "lock table \(table) in share row exclusive mode")
        _ = try await college.meanwhile(lock, breaking: .connection) { [worker = scene.worker] in
            await worker.round()
        }
        let told = scene.book.titles
        #expect(told.count == 1 && told.allSatisfy { $0.hasPrefix("folder_work_failed database") }, "\(told)")
        #expect(try await scene.states() == [])
        #expect(try await scene.students() == [])
        #expect(try scene.names() == ["students.csv"])
        #expect(scene.worker.waiting.files == 1 && scene.worker.waiting.seconds.rounded() == 31)
        scene.clock.now += 31
        await scene.worker.round()
        #expect(scene.worker.waiting.files == 0)
        #expect(try await scene.states() == ["students.csv done moved"])
        #expect(try await scene.students().count == 300)
        #expect(try await college.number("select count(*) from audit where action = 'import.students'") == 1)
        #expect(try await college.number("select tries from import_folders where lease is null") == 0)
        #expect(scene.book.titles.last == "folder_file_done ")
    }

    @Test func `a file on which servers stop again and again is refused in the end`() async throws {
        let scene = try await FolderScene.make()
        try scene.put("students.csv", students: 1)
        // the database refuses what cannot be said to be anybody's fault
        try await scene.college.run(
            "alter table accounts add constraint accounts_odd_check check (email <> 's1@x.edu')")
        await scene.work()
        for _ in 0..<2 {
            scene.clock.now += 31
            await scene.worker.round()
        }
        #expect(try await scene.states() == [])
        #expect(try scene.names() == ["students.csv"])
        #expect(
            scene.book.titles == Array(repeating: "folder_work_failed database_23514", count: 3), "\(scene.book.titles)"
        )
        scene.clock.now += 31
        await scene.worker.round()
        #expect(try await scene.states() == ["students.csv refused program moved"])
        #expect(try scene.names("refused") == ["students-STAMP-reason.txt", "students-STAMP.csv"])
    }

    @Test func `two servers on one folder take a file in once`() async throws {
        let scene = try await FolderScene.make()
        let (one, other) = (scene.another(), scene.another())
        try scene.put("students.csv", students: 200)
        await one.round()
        await other.round()
        scene.clock.now += 31
        async let first = one.round()
        async let second = other.round()
        _ = await (first, second)
        #expect(try await scene.states() == ["students.csv done moved"])
        #expect(try await scene.students().count == 200)
        #expect(scene.book.titles == ["folder_file_done "])
        #expect(try await scene.college.texts("select lease::text from import_folders where lease is not null") == [])
    }
}
