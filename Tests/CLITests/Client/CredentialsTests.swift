import Foundation
import Outgoing
import TestSupport
import Testing

@testable import CLI

@Suite struct CredentialsTests {
    @Test func `only the owner may read the credentials`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/waymark/credentials.json"
        var credentials = Credentials()
        credentials.current = "https://a.example"
        credentials.sessions["https://a.example"] = .init(token: "t", email: "e", expiresAt: "x")
        try credentials.save(to: path)
        try credentials.save(to: path)
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber
        #expect(mode?.intValue == 0o600)
        #expect(try Credentials.load(from: path) == credentials)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/waymark") == ["credentials.json"])
    }

    @Test func `a secret that could not take its place is left nowhere`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/waymark/credentials.json"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let failure = #expect(throws: Failure.self) { try Credentials().save(to: path) }
        #expect(failure?.description.hasPrefix("cannot write \(path): ") == true)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/waymark") == ["credentials.json"])
    }

    @Test func `the place follows XDG_CONFIG_HOME`() {
        #expect(
            Credentials.path(environment: ["XDG_CONFIG_HOME": "/x", "HOME": "/h"]) == "/x/waymark/credentials.json")
        #expect(
            Credentials.path(environment: ["XDG_CONFIG_HOME": "x", "HOME": "/h"])
                == "/h/.config/waymark/credentials.json")
    }

    @Test(arguments: [
        ("https://Northfield.localhost:8443/cohorts?x=1", "https://northfield.localhost:8443"),
        ("northfield.example", "https://northfield.example"), ("https://a.example:443/", "https://a.example"),
    ])
    func `an address is reduced to its origin`(_ address: String, _ origin: String) throws {
        #expect(try Client.origin(of: address) == origin)
    }

    @Test(arguments: ["http://a.example", "https://", "https://u@a.example", ""])
    func `an address that is not https is refused`(_ address: String) {
        #expect(throws: Failure.self) { try Client.origin(of: address) }
    }

    @Test func `a file's suffix decides how it is sent`() {
        #expect(
            APICall.headers(ofFile: "/x/students.CSV").map(\.1)
                == ["text/csv", "attachment; filename*=UTF-8''students.CSV"])
        #expect(
            APICall.headers(ofFile: "plan.json").map(\.1)
                == ["application/json", "attachment; filename*=UTF-8''plan.json"])
        #expect(
            APICall.headers(ofFile: "/x/Plan für 'A'.pdf").map(\.1)
                == ["application/octet-stream", "attachment; filename*=UTF-8''Plan%20f%C3%BCr%20%27A%27.pdf"])
    }

    @Test func `a problem is told in one line with its fields`() {
        let body =
            #"{"title":"Invalid","status":422,"detail":"Some fields are wrong.","errors":[{"field":"name","detail":"is missing"}]}"#
        let answer = OutgoingAnswer(status: 422, headers: [], body: Array(body.utf8))
        #expect(Problem(answer).line == "422: Some fields are wrong.; name: is missing")
    }
}
