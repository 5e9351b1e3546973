import Casework
import Foundation
import HTTPTypes
import Postgres
import Tenancy
import TestSupport
import Testing

@testable import Web

/// An institution with a folder of its own, real files in it, and a worker whose clock the test moves.
struct FolderScene {
    static let path = "/api/v1/imports/folder"
    static let header = "email,given_name,family_name\n"

    let top: TemporaryFolder
    let college: TestInstitution
    let site: Site
    let person: TestInstitution.Person
    /// As the admin, over the API.
    let admin: TestClient
    let clock: TestClock
    let book = EventBook()
    let worker: FolderWorker

    /// - Parameters:
    ///   - settings: what the admin rules; nil: nothing.
    ///   - top: the folder of all, where another institution has it already.
    ///   - database: one `apart`, where its connections are to break.
    static func make(
        _ settings: String? = #"{"enabled":true}"#, in top: TemporaryFolder? = nil,
        database: TestDatabase.Prepared? = nil
    ) async throws -> FolderScene {
        let college = try await TestInstitution.make(in: database)
        let folder = try top ?? TemporaryFolder()
        let clock = TestClock(.now)
        let person = try await college.person("admin")
        let scene = FolderScene(top: folder, college: college, person: person, clock: clock)
        try FileManager.default.createDirectory(atPath: scene.place, withIntermediateDirectories: true)
        if let settings { #expect(try await scene.rule(settings).status == 200) }
        return scene
    }

    private init(top: TemporaryFolder, college: TestInstitution, person: TestInstitution.Person, clock: TestClock) {
        (self.top, self.college, self.person, self.clock) = (top, college, person, clock)
        var site = college.site
        site.watchesFolder = true
        self.site = site
        admin = college.client(person)
        worker = Self.worker(top, college, clock, book)
    }

    private static func worker(
        _ top: TemporaryFolder, _ college: TestInstitution, _ clock: TestClock, _ book: EventBook
    ) -> FolderWorker {
        var configuration = FolderWorker.Configuration(path: top.path)
        configuration.clock = { clock.now }
        return FolderWorker(deployment: college.database.deployment, configuration, observers: book.observers)
    }

    /// A worker as on one more server.
    func another() -> FolderWorker { Self.worker(top, college, clock, book) }

    /// The institution's own folder.
    var place: String { "\(top.path)/\(college.institution.slug)" }

    func rule(_ json: String) async throws -> TestClient.Answer {
        try await admin.send(.put, Self.path, json: json)
    }

    func put(_ name: String, _ text: String) throws { try put(name, Array(text.utf8)) }

    func put(_ name: String, _ bytes: [UInt8]) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: "\(place)/\(name)"))
    }

    /// A file of so many students, from the first.
    func put(_ name: String, students: Int) throws {
        try put(name, Self.header + (1...students).map { "s\($0)@x.edu,Sam,S\($0)\n" }.joined())
    }

    /// Looks, lets so long go by that files are ready, and looks again.
    func work(by worker: FolderWorker? = nil) async {
        let worker = worker ?? self.worker
        await worker.round()
        clock.now += 31
        await worker.round()
    }

    /// What lies in a folder of the institution's, with `STAMP` for the moment.
    func names(_ folder: String = "") throws -> [String] {
        guard FileManager.default.fileExists(atPath: "\(place)/\(folder)") else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: "\(place)/\(folder)")
            .map { $0.replacing(/\d{8}T\d{6}Z/, with: "STAMP") }.sorted()
    }

    /// The text of the one file there whose name has that end.
    func text(_ folder: String, ending: String) throws -> String {
        let names = try FileManager.default.contentsOfDirectory(atPath: "\(place)/\(folder)")
        let name = try #require(names.first { $0.hasSuffix(ending) })
        return try String(contentsOfFile: "\(place)/\(folder)/\(name)", encoding: .utf8)
    }

    func files() async throws -> TestClient.Answer { try await admin.send(.get, Self.path + "/files") }

    func states() async throws -> [String] {
        try await college.texts(
            "select concat_ws(' ', name, state, fault, case when moved then 'moved' end) from folder_files order by id")
    }

    func students(_ status: String = "active") async throws -> [String] {
        try await college.texts(
            "select email from accounts where role = 'student' and status = \(status) order by id")
    }
}
