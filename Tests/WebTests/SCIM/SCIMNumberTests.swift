import Casework
import Foundation
import HTTPTypes
import Postgres
import Tenancy
import Testing
import TestSupport

/// The enterprise extension's `employeeNumber` (RFC 7643, 4.3), which is the account's student number.
@Suite struct SCIMNumberTests {
    private static let urn = SCIMSchema.enterprise

    private func create(_ world: SCIMWorld, _ name: String, _ number: String) async throws -> TestClient.Answer {
        try await world.send(
            .post, "/Users",
            #"{"schemas":["\#(Self.urn)"],"userName":"\#(name)@n.edu","\#(Self.urn)":{"employeeNumber":"\#(number)"}}"#)
    }

    private func number(_ world: SCIMWorld, _ name: String) async throws -> String? {
        try await world.college.owner(
            ("select coalesce(student_number, 'none') from accounts where email = \(name + "@n.edu")" as SQL)
                .optionalValue(String.self))
    }

    @Test func `the account gets it, in every form that it comes`() async throws {
        let world = try await SCIMWorld.make()
        let made = try await create(world, "anna", "4711")
        #expect(made.status == 201 && made.text(Self.urn, "employeeNumber") == "4711")
        #expect(made["schemas"] == .array([.string(SCIMSchema.user), .string(Self.urn)]))
        #expect(try await number(world, "anna") == "4711")
        let place = "/Users/\(made.text("id") ?? "")"
        for (operation, expected) in [
            (#"{"op":"Add","path":"\#(Self.urn):employeeNumber","value":"1"}"#, "1"),
            (#"{"op":"Replace","path":"\#(Self.urn.uppercased()):EMPLOYEENUMBER","value":[{"value":"2"}]}"#, "2"),
            (#"{"op":"replace","value":{"\#(Self.urn)":{"employeeNumber":"3","department":"x"}}}"#, "3"),
            (#"{"op":"replace","value":{"\#(Self.urn):employeeNumber":"4"}}"#, "4"),
            (#"{"op":"add","path":"\#(Self.urn)","value":{"employeeNumber":"5"}}"#, "5"),
            (#"{"op":"replace","path":"\#(Self.urn)","value":{"department":"x"}}"#, "5"),
            (#"{"op":"replace","path":"\#(Self.urn):manager","value":{"value":"9"}}"#, "5"),
            (#"{"op":"remove","path":"\#(Self.urn):department"}"#, "5"),
            (#"{"op":"remove","path":"\#(Self.urn):employeeNumber"}"#, "none"),
            (#"{"op":"add","path":"\#(Self.urn):employeeNumber","value":"6"}"#, "6"),
            (#"{"op":"remove","path":"\#(Self.urn)"}"#, "none"),
        ] {
            let answer = try await world.patch(place, operation)
            let said = answer.text(Self.urn, "employeeNumber") ?? "none"
            #expect(answer.status == 200 && said == expected, "\(operation): \(answer.text)")
            #expect(try await number(world, "anna") == expected, "\(operation)")
        }
        let put = try await world.send(
            .put, place, #"{"userName":"anna@n.edu","\#(Self.urn)":{"employeeNumber":"7"}}"#)
        #expect(put.text(Self.urn, "employeeNumber") == "7")
        #expect(try await number(world, "anna") == "7")
        let without = try await world.send(.put, place, #"{"userName":"anna@n.edu"}"#)
        #expect(without[Self.urn] == nil && without["schemas"] == .array([.string(SCIMSchema.user)]))
        #expect(try await number(world, "anna") == "none")
    }

    @Test func `a number that came otherwise stays where the provider has none`() async throws {
        let world = try await SCIMWorld.make()
        _ = try await world.college.account("student", email: "anna@n.edu")
        try await world.college.run("update accounts set student_number = 'file' where email = 'anna@n.edu'")
        let id = try #require(try await world.create("anna@n.edu").text("id"))
        #expect(try await number(world, "anna") == "file")
        _ = try await world.patch(
            "/Users/\(id)", #"{"op":"add","path":"\#(Self.urn):employeeNumber","value":"provider"}"#)
        #expect(try await number(world, "anna") == "provider")
        try await world.college.run("update accounts set student_number = 'admin' where email = 'anna@n.edu'")
        _ = try await world.patch("/Users/\(id)", #"{"op":"remove","path":"\#(Self.urn):employeeNumber"}"#)
        #expect(try await number(world, "anna") == "admin", "what SCIM has not given it does not take")
    }

    @Test func `a number has one person, and the next is told so`() async throws {
        let world = try await SCIMWorld.make()
        _ = try await world.college.account("student", email: "file@n.edu")
        try await world.college.run("update accounts set student_number = 'taken' where email = 'file@n.edu'")
        let refused = try await create(world, "anna", "taken")
        #expect(refused.status == 409 && refused.text("scimType") == "uniqueness", "\(refused.text)")
        #expect(refused.text("detail")?.contains("number") == true)
        #expect(try await number(world, "anna") == nil)
        #expect(try await world.find(#"userName eq "anna@n.edu""#).number("totalResults") == 0, "nothing is kept")
        let anna = try #require(try await create(world, "anna", "1").text("id"))
        #expect(try await create(world, "bert", "1").text("scimType") == "uniqueness")
        let patched = try await world.patch(
            "/Users/\(anna)", #"{"op":"add","path":"\#(Self.urn):employeeNumber","value":"taken"}"#)
        #expect(patched.status == 409 && patched.text("scimType") == "uniqueness")
        #expect(try await number(world, "anna") == "1")
        // without accounts a number has one user too
        try await world.college.run("update scim_rules set default_role = null")
        #expect(try await create(world, "carl", "2").status == 201)
        #expect(try await create(world, "dora", "2").text("scimType") == "uniqueness")
        #expect(try await number(world, "carl") == nil)
        let long = try await create(world, "emma", String(repeating: "1", count: 101))
        #expect(long.status == 400 && long.text("scimType") == "invalidValue", "\(long.text)")
        #expect(long.text("detail")?.contains("employeeNumber") == true)
    }

    @Test func `many get theirs at once by a rule, and who cannot says why`() async throws {
        let world = try await SCIMWorld.make(defaultRole: nil)
        _ = try await world.college.account("student", email: "file@n.edu")
        try await world.college.run("update accounts set student_number = '2' where email = 'file@n.edu'")
        for name in ["1", "2", "3"] { #expect(try await create(world, "s\(name)", name).status == 201) }
        let ruled = try await world.admin.send(.patch, "/api/v1/scim", json: #"{"defaultRole":"student"}"#)
        #expect(ruled.status == 200 && ruled.number("accounts") == 3)
        #expect(try await number(world, "s1") == "1")
        #expect(try await number(world, "s2") == "none")
        #expect(try await number(world, "s3") == "3")
        let behind = try await world.admin.send(.get, "/api/v1/scim/problems")
        #expect(behind.strings("items", each: "code") == ["number-taken"])
    }

    @Test func `users are found by it, and answers have it as asked`() async throws {
        let world = try await SCIMWorld.make()
        _ = try await create(world, "anna", "A1")
        _ = try await create(world, "bert", "B1")
        let found = try await world.find(#"\#(Self.urn):employeeNumber eq "A1""#)
        #expect(found.strings("Resources", each: "userName") == ["anna@n.edu"])
        #expect(try await world.find(#"\#(Self.urn):employeeNumber eq "a1""#).number("totalResults") == 0)
        #expect(try await world.find(#"\#(Self.urn):department eq "x""#).text("scimType") == "invalidFilter")
        for (query, hasNumber) in [
            ("attributes=\(Self.urn):employeeNumber", true), ("attributes=\(Self.urn)", true),
            ("attributes=userName", false),
            ("excludedAttributes=\(Self.urn):employeeNumber", false), ("excludedAttributes=\(Self.urn)", false),
            ("excludedAttributes=userName", true),
        ] {
            let user = try await world.send(.get, "/Users/1?\(query)")
            #expect(user.status == 200 && (user[Self.urn] != nil) == hasNumber, "\(query): \(user.text)")
            #expect((user.text("schemas", 1) != nil) == hasNumber, "\(query)")
        }
    }

    @Test func `of an admin's account nothing follows but the way in`() async throws {
        let world = try await SCIMWorld.make()
        _ = try await world.college.account("admin", email: "boss@n.edu")
        #expect(try await create(world, "boss", "1").status == 201)
        #expect(try await number(world, "boss") == "none")
    }
}
