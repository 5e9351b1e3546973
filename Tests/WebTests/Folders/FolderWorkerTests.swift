import Casework
import Foundation
import Postgres
import Tenancy
import TestSupport
import Testing

@testable import Web

/// What becomes of files that are put into an institution's folder.
@Suite struct FolderWorkerTests {
    private static let manifest = "propertyName,value\noneroster.version,1.1\nfile.orgs,bulk\n"

    @Test func `each kind of file is taken in by its name, those first that others are about`() async throws {
        let scene = try await FolderScene.make()
        try await scene.college.run("insert into cohort_categories (name) values ('Advising')")
        let cohort = try await scene.college.number(
            "insert into cohorts (name, category_id) select 'One', id from cohort_categories returning id")
        try scene.put("cohort-\(cohort)-first.csv", "s1@x.edu\ns2@x.edu\n")
        try scene.put("students-fall.csv", students: 3)
        try scene.put("staff.csv", "email,given_name,family_name,role\nm@x.edu,Mo,Mentor,manager\n")
        try scene.put(
            "roster.zip",
            ZipWriter.archive([
                .init("manifest.csv", Self.manifest), .init("orgs.csv", "sourcedId,name,type\no1,Nursing,department\n"),
            ]))
        await scene.work()
        #expect(try scene.names() == ["done"])
        #expect(
            try scene.names("done") == [
                "cohort-\(cohort)-first-STAMP.csv", "roster-STAMP.zip", "staff-STAMP.csv", "students-fall-STAMP.csv",
            ])
        #expect(
            try await scene.states() == [
                "roster.zip done moved", "students-fall.csv done moved", "staff.csv done moved",
                "cohort-\(cohort)-first.csv done moved",
            ])
        #expect(try await scene.students() == ["s1@x.edu", "s2@x.edu", "s3@x.edu"])
        #expect(try await scene.college.texts("select role from accounts where email = 'm@x.edu'") == ["manager"])
        #expect(try await scene.college.texts("select name from departments") == ["Nursing"])
        #expect(try await scene.college.number("select count(*) from enrollments where active") == 2)
        let told = try await scene.files()
        #expect(told.number("items", 2, "added") == 3 && told.text("items", 2, "sha256")?.count == 64, "\(told.text)")
        #expect(scene.book.titles.allSatisfy { $0.hasPrefix("folder_file_done") } && scene.book.events.count == 4)
        let actors = try await scene.college.texts(
            "select distinct coalesce(actor_id::text, 'nobody') from audit where action in ('account.create', 'import.students')"
        )
        #expect(actors == ["nobody"])
    }

    @Test func `a file that is being written is left alone until nothing has changed for ten seconds`() async throws {
        let scene = try await FolderScene.make()
        try scene.put("students.csv", students: 1)
        for name in [".students.csv", "students.csv.part", "students-2.csv.tmp", "STAFF.CSV.PART"] {
            try scene.put(name, students: 1)
        }
        #expect(await scene.worker.round())
        scene.clock.now += 8
        try scene.put("students.csv", students: 2)
        await scene.worker.round()
        scene.clock.now += 9
        await scene.worker.round()
        #expect(try await scene.states() == [])
        #expect(scene.worker.waiting.files == 1 && scene.worker.waiting.seconds.rounded() == 9)
        scene.clock.now += 1
        #expect(await scene.worker.round() == false)
        #expect(try await scene.students().count == 2)
        #expect(scene.worker.waiting.files == 0 && scene.worker.waiting.seconds == 0)
        #expect(
            try scene.names() == [".students.csv", "STAFF.CSV.PART", "done", "students-2.csv.tmp", "students.csv.part"])
    }

    @Test func `links, other things and names that say nothing are refused, and nothing is followed`() async throws {
        let scene = try await FolderScene.make()
        let outside = try TemporaryFolder()
        try outside.write(FolderScene.header + "out@x.edu,O,Out\n", to: "secret.csv")
        let files = FileManager.default
        try files.createSymbolicLink(
            atPath: "\(scene.place)/students.csv", withDestinationPath: "\(outside.path)/secret.csv")
        try files.createSymbolicLink(atPath: "\(scene.place)/staff.csv", withDestinationPath: "/nowhere")
        #expect(mkfifo("\(scene.place)/students-pipe.csv", 0o600) == 0)
        try files.createDirectory(atPath: "\(scene.place)/students-folder.csv", withIntermediateDirectories: false)
        try scene.put("people.csv", students: 1)
        try scene.put("notes\n.txt", "x")
        // a folder that is a link is nobody's
        let elsewhere = try TemporaryFolder()
        try elsewhere.write(FolderScene.header + "e@x.edu,E,E\n", to: "students.csv")
        let other = try await FolderScene.make(in: scene.top)
        try files.removeItem(atPath: other.place)
        try files.createSymbolicLink(atPath: other.place, withDestinationPath: elsewhere.path)
        await scene.work()
        #expect(try scene.names() == ["refused", "students-folder.csv"])
        #expect(
            try await scene.states().sorted() == [
                "notes?.txt refused name moved", "people.csv refused name moved", "staff.csv refused not-a-file moved",
                "students-pipe.csv refused not-a-file moved", "students.csv refused not-a-file moved",
            ])
        #expect(try await scene.students() == [])
        #expect(try await other.students() == [])
        #expect(outside.text("secret.csv").contains("out@x.edu"))
        #expect(try files.contentsOfDirectory(atPath: elsewhere.path) == ["students.csv"])
        // what is refused lies there as it was, its reason beside it
        #expect(
            try scene.names("refused").filter { $0.hasPrefix("notes") } == [
                "notes?-STAMP-reason.txt", "notes?-STAMP.txt",
            ])
        let said = try scene.text("refused", ending: "-reason.txt")
        #expect(said.contains("no file") || said.contains("has to be students"), "\(said)")
    }

    @Test func `nothing is taken in before an admin says so, nor at a suspended institution`() async throws {
        let scene = try await FolderScene.make(nil)
        try scene.put("students.csv", students: 1)
        await scene.work()
        #expect(try scene.names() == ["students.csv"])
        #expect(scene.worker.waiting.files == 0)
        #expect(try await scene.files().items("id").isEmpty)
        #expect(try await scene.rule(#"{"enabled":true}"#).status == 200)
        try await scene.college.run("update settings set suspended = true")
        scene.clock.now += 31
        await scene.worker.round()
        #expect(try scene.names() == ["students.csv"])
        #expect(scene.worker.waiting.files == 0)
        try await scene.college.run("update settings set suspended = false")
        scene.clock.now += 31
        await scene.worker.round()
        #expect(try scene.names("done") == ["students-STAMP.csv"])
        #expect(scene.book.titles == ["folder_file_done "], "\(scene.book.titles)")
    }

    @Test func `a file with bad rows is refused with those beside it, and taken in once they are mended`() async throws
    {
        let scene = try await FolderScene.make()
        try await scene.college.run("insert into import_columns (heading, field) values ('mailbox', 'email')")
        let text = "mailbox,given_name,family_name\na@x.edu,Ann,A\nnowhere,Bob,B\n"
        try scene.put("students.csv", text)
        await scene.work()
        #expect(try await scene.states() == ["students.csv refused records moved"])
        #expect(try await scene.students() == [])
        #expect(try scene.names("refused") == ["students-STAMP-problems.csv", "students-STAMP.csv"])
        let problems = try scene.text("refused", ending: "-problems.csv")
        #expect(
            problems.hasPrefix("mailbox,given_name,family_name,waymark_problem\r\nnowhere,Bob,B,3: email")
                || problems.hasPrefix("mailbox,given_name,family_name,waymark_problem\nnowhere,Bob,B,\"3: email"),
            "\(problems)")
        let told = try await scene.files()
        #expect(told.number("items", 0, "failed") == 1, "\(told.text)")
        #expect(told.text("items", 0, "problems", 0)?.hasPrefix("3: nowhere: ") == true, "\(told.text)")
        #expect(scene.book.titles == ["folder_file_refused records"])

        // what fits is stored where admins want that, and the mended rows come back under the name they have
        #expect(try await scene.rule(#"{"enabled":true,"partial":true}"#).status == 200)
        try scene.put("students.csv", text)
        await scene.work()
        #expect(try await scene.students() == ["a@x.edu"])
        #expect(try scene.names("done") == ["students-STAMP-problems.csv", "students-STAMP.csv"])
        try scene.put(
            "students-20261201T030012Z-problems.csv",
            scene.text("done", ending: "-problems.csv").replacing("nowhere", with: "b@x.edu"))
        await scene.work()
        #expect(try await scene.students() == ["a@x.edu", "b@x.edu"])
    }

    @Test(arguments: [
        ("students.csv", "name\nAnn\n", "unusable"), ("students.csv", "", "unusable"),
        ("roster.zip", "no zip at all", "unusable"), ("cohort-999.csv", "a@x.edu\n", "no-cohort"),
    ])
    func `a file that cannot be read as what its name says is refused with the reason`(
        name: String, text: String, fault: String
    ) async throws {
        let scene = try await FolderScene.make()
        try scene.put(name, text)
        await scene.work()
        #expect(try await scene.states() == ["\(name) refused \(fault) moved"])
        #expect(try scene.names("refused").count == 2)
        #expect(try !scene.text("refused", ending: "-reason.txt").isEmpty)
    }

    @Test func `another institution's folder is not touched, and neither is one of nobody`() async throws {
        let scene = try await FolderScene.make()
        let other = try await FolderScene.make(nil, in: scene.top)
        let nobody = "\(scene.top.path)/nobody-at-all"
        try FileManager.default.createDirectory(atPath: nobody, withIntermediateDirectories: false)
        try scene.top.write(FolderScene.header + "n@x.edu,N,N\n", to: "nobody-at-all/students.csv")
        try scene.top.write(FolderScene.header + "t@x.edu,T,T\n", to: "students.csv")
        try scene.put("students.csv", students: 1)
        try other.put("students.csv", students: 2)
        await scene.work()
        #expect(try await scene.students() == ["s1@x.edu"])
        #expect(try await other.students() == [])
        #expect(try other.names() == ["students.csv"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: nobody) == ["students.csv"])
        #expect(FileManager.default.fileExists(atPath: "\(scene.top.path)/students.csv"))
        #expect(scene.book.titles == ["folder_file_done "])
    }

    @Test func `a folder that is not there, or cannot be written, is told and tried again`() async throws {
        let scene = try await FolderScene.make()
        try scene.put("students.csv", students: 1)
        // what stands in the place of the folder that it would move to
        try scene.put("done", "no folder")
        await scene.work()
        #expect(try await scene.states().contains("students.csv done"))
        #expect(scene.book.titles.contains("folder_work_failed folder"), "\(scene.book.titles)")
        #expect(try scene.names() == ["refused", "students.csv"])
        scene.clock.now += 31
        await scene.worker.round()
        #expect(try await scene.states().contains("students.csv done moved"))
        #expect(try scene.names("done") == ["students-STAMP.csv"])
        try FileManager.default.removeItem(atPath: scene.top.path)
        await scene.worker.round()
        let last = try #require(scene.book.events.last as? FolderWorkFailed)
        #expect(last.reason.contains("No such file") && last.institution == nil, "\(last)")
    }
}
