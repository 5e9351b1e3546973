import Foundation
import Postgres
import PrivatePostgres
import Tenancy
import TestSupport
import Testing

@testable import CLI

/// `waymark work` with a folder of files, as an operator starts it.
@Suite struct FolderCommandTests {
    @Test func `work takes files in from the folder of its configuration`() async throws {
        let (server, directory) = TestServer.make()
        defer {
            server.kill()
            try? FileManager.default.removeItem(atPath: directory)
        }
        let database = try await TestDatabase.prepare(server: try await server.start())
        let place = try await TestInstitution.make(in: database)
        try await place.run("update import_folders set enabled = true")
        let folder = try TemporaryFolder()
        let own = "\(folder.path)/\(place.institution.slug)"
        try FileManager.default.createDirectory(atPath: own, withIntermediateDirectories: false)
        try folder.write("email,given_name\na@x.edu,Ann\n", to: "\(place.institution.slug)/students.csv")
        try folder.write("email,given_name,family_name\nb@x.edu,Bo,B\n", to: "\(place.institution.slug)/students-2.csv")
        let program = WaymarkProgram(environment: [
            "WAYMARK_DATABASE_URL": database.serviceURL, "WAYMARK_DATABASE_PASSWORD": TestDatabase.password,
            "WAYMARK_IMPORT_FOLDER": folder.path,
        ])
        let result = try await program.run("work", "--once")
        #expect(result.status == 0, "\(result.errors)")
        #expect(
            try await place.texts(
                "select concat_ws(' ', name, state, fault, moved::text) from folder_files order by name")
                == ["students-2.csv done true", "students.csv refused unusable true"])
        #expect(try await place.texts("select email from accounts") == ["b@x.edu"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: own).sorted() == ["done", "refused"])
        await database.migrator.close()
        await database.deployment.close()
    }
}
