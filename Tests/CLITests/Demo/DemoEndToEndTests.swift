import Foundation
import TestSupport
import Testing

@testable import CLI

/// The program as a visitor meets it: `waymark demo`, `waymark login`, `waymark api`, against a real database.
@Suite(.serialized) struct DemoEndToEndTests {
    /// `waymark login` and `waymark api` with credentials of their own.
    private struct Shell {
        let program: WaymarkProgram
        let folder: TemporaryFolder

        static func login(_ demo: RunningDemo, as role: String, keeping folder: TemporaryFolder) async throws -> Shell {
            let shell = Shell(
                program: WaymarkProgram(environment: ["XDG_CONFIG_HOME": folder.path]), folder: folder)
            let institution = demo.greeting.institutions[0]
            let account = try #require(institution.accounts.first { $0.role == role })
            let result = try await shell.program.run(
                "login", institution.url, "--ca", demo.greeting.certificate, "--email", account.email,
                input: account.password + "\n")
            try #require(result.status == 0, "\(result.errors)")
            return shell
        }

        /// The answer of a call that must work.
        func api(_ arguments: String...) async throws -> [String: Any] {
            let result = try await program.run(["api"] + arguments)
            try #require(result.status == 0, "\(arguments): \(result.errors)")
            guard !result.output.isEmpty else { return [:] }
            return try #require(
                try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
        }
    }

    @Test func `the ten steps work from the shell, beginning with nothing`() async throws {
        let folder = try TemporaryFolder()
        let demo = try await RunningDemo.start(in: folder, "--empty")
        do {
            #expect(demo.greeting.institutions.map(\.slug) == ["northfield", "lakeside"])
            #expect(demo.greeting.institutions.map { $0.accounts.map(\.role) } == [["admin"], ["admin"]])
            try await tenSteps(demo, folder)
        } catch {
            _ = try await demo.stop(SIGKILL)
            throw error
        }
        #expect(try await demo.stop() == 0)
        #expect(!demo.hasServer())
    }

    /// The first mail in a folder, without its line breaks. A worker looks every five seconds.
    private func mail(below path: String) async throws -> String {
        for _ in 0..<1_200 {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
            if let name = names.first(where: { $0.hasSuffix(".eml") }) {
                return try String(contentsOfFile: "\(path)/\(name)", encoding: .utf8).replacing("=\r\n", with: "")
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        Issue.record("no mail within a minute")
        return ""
    }

    private func tenSteps(_ demo: RunningDemo, _ folder: TemporaryFolder) async throws {
        let admin = try await Shell.login(demo, as: "admin", keeping: folder)
        func id(_ answer: [String: Any]) throws -> Int { try #require(answer["id"] as? Int) }

        let staff = try id(
            await admin.api(
                "POST", "/accounts", "--data",
                #"{"email":"ada@northfield.example","givenName":"Ada","familyName":"Byron","role":"staff"}"#))
        _ = try await admin.api(
            "PUT", "/accounts/\(staff)/card", "--data", #"{"title":"Advisor","phone":"1","published":true}"#)
        // by mail comes a link to the port that the system chose
        _ = try await admin.api("POST", "/invitations", "--data", #"{"accountIds":[\#(staff)]}"#)
        let invitation = try await mail(below: folder.path + "/demo/mail")
        #expect(invitation.contains("\(demo.greeting.url)/invitations/"), "\(demo.greeting.url): \(invitation)")
        let group = try id(await admin.api("POST", "/groups", "--data", #"{"name":"Advising"}"#))
        _ = try await admin.api("PUT", "/groups/\(group)/members/\(staff)")
        let students = try folder.write(
            "email,given_name,family_name\nx@northfield.example,Xi,Chen\ny@northfield.example,Yaw,Mensah\n",
            to: "students.csv")
        let imported = try await admin.api("POST", "/imports/students", "--file", students)
        #expect(imported["added"] as? Int == 2)

        let category = try id(
            await admin.api("POST", "/categories", "--data", #"{"name":"First-Year Students"}"#))
        let cohort = try id(
            await admin.api("POST", "/categories/\(category)/cohorts", "--data", #"{"name":"Fall"}"#))
        _ = try await admin.api("PATCH", "/cohorts/\(cohort)", "--data", #"{"goal":"Everyone has met an advisor"}"#)
        let members = try folder.write("email\nx@northfield.example\n", to: "members.csv")
        _ = try await admin.api("POST", "/cohorts/\(cohort)/students", "--file", members)
        _ = try await admin.api(
            "POST", "/cohorts/\(cohort)/students", "--data", #"{"email":"y@northfield.example"}"#)
        let milestone = try id(await admin.api("POST", "/cohorts/\(cohort)/milestones"))
        let saved = try await admin.api(
            "PATCH", "/milestones/\(milestone)", "--data",
            #"{"title":"Meet your advisor","dueOn":"2030-12-01","reminders":[1,7]}"#)
        #expect(saved["saved"] as? Bool == true)
        let checklist = try folder.write("1. Breathe.\n", to: "Checkliste für alle.txt")
        let file = try await admin.api("POST", "/milestones/\(milestone)/files", "--file", checklist)
        #expect(file["name"] as? String == "Checkliste für alle.txt")
        _ = try await admin.api("PUT", "/cohorts/\(cohort)/groups/\(group)")
        let settings = try await admin.api("PATCH", "/settings", "--data", #"{"studentVisibility":"enabled"}"#)
        #expect(settings["studentVisibility"] as? String == "enabled")
        let setup = try await admin.api("GET", "/setup")
        #expect(setup["ready"] as? Bool == true)

        let refused = try await admin.program.run("api", "POST", "/categories", "--data", #"{"name":""}"#)
        #expect(refused.status == 1)
        #expect(refused.errors.contains("422") && refused.errors.contains("name"), "\(refused.errors)")
        #expect(refused.errors.split(separator: "\n").count == 1)
    }

    @Test func `a second start keeps data, sign-ins and authority, also after SIGKILL of everything`() async throws {
        let folder = try TemporaryFolder()
        let directory = folder.path + "/demo"
        var demo = try await RunningDemo.start(in: folder)
        let first = demo.greeting
        for institution in first.institutions {
            #expect(institution.accounts.map(\.role) == ["admin", "director", "manager", "staff", "student"])
        }
        let certificate = try String(contentsOfFile: first.certificate, encoding: .utf8)
        let admin = try await Shell.login(demo, as: "admin", keeping: folder)
        _ = try await admin.api("POST", "/categories", "--data", #"{"name":"Kept"}"#)
        let students = "email,given_name,family_name\nnew@northfield.example,New,Student\n"
        try students.write(
            toFile: "\(first.importFolder)/northfield/students.csv", atomically: true, encoding: .utf8)
        let student = try await Shell.login(demo, as: "student", keeping: TemporaryFolder())
        let dashboard = try await student.api("GET", "/dashboard")
        #expect((dashboard["cohorts"] as? [Any])?.count == 2)
        // a reminder of today arrives as a file
        while try !FileManager.default.contentsOfDirectory(atPath: folder.path + "/demo").contains("mail")
            || FileManager.default.contentsOfDirectory(atPath: first.mail).isEmpty
        { try await Task.sleep(for: .milliseconds(100)) }
        let mail = try #require(FileManager.default.contentsOfDirectory(atPath: first.mail).first)
        #expect(mail.hasPrefix("reminder-") && mail.hasSuffix("-localhost.eml"))

        // a file that was put into the folder is taken in
        let taken = "\(first.importFolder)/northfield/done"
        while (try? FileManager.default.contentsOfDirectory(atPath: taken).isEmpty) ?? true {
            try await Task.sleep(for: .milliseconds(100))
        }
        let found = try await admin.api("GET", "/accounts?q=new@northfield.example")
        #expect((found["items"] as? [Any])?.count == 1)

        let other = try await WaymarkProgram().run("demo", "--port", "0", "--directory", directory)
        #expect(other.status == 1)
        #expect(other.errors.contains("another demo runs"))

        let pid = try String(contentsOfFile: directory + "/postgresql/data/postmaster.pid", encoding: .utf8)
        let server = try #require(pid.split(separator: "\n").first.flatMap { Int32($0) })
        _ = try await demo.stop(SIGKILL)
        kill(server, SIGKILL)
        demo = try await RunningDemo.start(in: folder)
        #expect(
            demo.greeting.institutions.map { $0.accounts.map(\.password) }
                == first.institutions.map { $0.accounts.map(\.password) })
        #expect(try String(contentsOfFile: demo.greeting.certificate, encoding: .utf8) == certificate)
        let again = try await Shell.login(demo, as: "admin", keeping: folder)
        let categories = try await again.api("GET", "/categories")
        let names = (categories["items"] as? [[String: Any]])?.compactMap { $0["name"] as? String } ?? []
        #expect(names.contains("Kept"))
        #expect(try await demo.stop(SIGINT) == 0)
        #expect(!demo.hasServer())
    }

    @Test func `a port in use is one clear line`() async throws {
        let folder = try TemporaryFolder()
        let demo = try await RunningDemo.start(in: folder, "--empty")
        let port = demo.greeting.url.split(separator: ":").last.map(String.init) ?? ""
        let result = try await WaymarkProgram().run("demo", "--port", port, "--directory", folder.path + "/other")
        #expect(result.status == 1)
        #expect(result.errors.contains("port \(port) on 127.0.0.1 is in use"), "\(result.errors)")
        #expect(result.errors.split(separator: "\n").count == 1)
        #expect(try await demo.stop() == 0)
    }
}
