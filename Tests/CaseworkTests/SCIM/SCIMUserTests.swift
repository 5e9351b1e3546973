import TestSupport
import Testing

@testable import Casework

@Suite struct SCIMUserTests {
    private func user(_ json: String) throws -> SCIMUser { try SCIMUser(JSONObject(parsing: Array(json.utf8))) }

    private func patched(_ user: SCIMUser, _ operations: String) throws -> SCIMUser {
        let body = try JSONObject(parsing: Array(#"{"Operations":[\#(operations)]}"#.utf8))
        return try user.patched(by: SCIMPatch.operations(of: body))
    }

    fileprivate static let anna = """
        {"userName":"anna@northfield.edu","externalId":"k","active":true,"name":{"givenName":"Anna","familyName":"Weiss"},
         "emails":[{"primary":true,"type":"work","value":"anna@northfield.edu"},{"type":"home","value":"a@home.edu"}]}
        """

    @Test func `names are read without regard to case, and what is unknown is passed over`() throws {
        let found = try user(
            """
            {"SCHEMAS":["x"],"USERNAME":"a@b.edu","Active":"False","NAME":{"GIVENNAME":"A","middleName":3},"id":"9",
             "nonsense":{"deep":[1]},"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"x"},
             "password":"secret","groups":[{"value":"1"}],"emails[type eq \\"work\\"].value":"w@b.edu"}
            """)
        #expect(found.userName == "a@b.edu" && !found.isActive && found.givenName == "A")
        #expect(found.emails.map(\.value) == ["w@b.edu"] && found.emails.first?.type == "work")
    }

    @Test func `a replaced user keeps what a PUT does not say of active and the own key`() throws {
        var old = try user(Self.anna)
        old.isActive = false
        let new = try old.replaced(by: JSONObject(parsing: Array(#"{"userName":"x@y.edu"}"#.utf8)))
        #expect(!new.isActive && new.externalID == "k" && new.givenName.isEmpty && new.emails.isEmpty)
    }

    @Test func `operations as Entra and Okta send them`() throws {
        let anna = try user(Self.anna)
        #expect(try !patched(anna, #"{"op":"Replace","path":"active","value":"False"}"#).isActive)
        #expect(try !patched(anna, #"{"op":"replace","value":{"active":false}}"#).isActive)
        #expect(
            try !patched(anna, #"{"op":"Replace","path":"active","value":[{"$ref":null,"value":"False"}]}"#).isActive)
        let moved = try patched(
            anna,
            #"""
            {"op":"Add","path":"emails[type eq \"work\"].value","value":"new@northfield.edu"},
            {"op":"Replace","path":"name.familyName","value":"Braun"},
            {"op":"Add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department","value":"Arts"}
            """#)
        #expect(moved.emails.map(\.value) == ["new@northfield.edu", "a@home.edu"] && moved.familyName == "Braun")
        let folded = try patched(
            anna,
            #"{"op":"replace","value":{"displayName":"A W","name.givenName":"Ann","emails[type eq \"work\"].value":"z@n.edu"}}"#
        )
        #expect(folded.displayName == "A W" && folded.givenName == "Ann" && folded.familyName == "Weiss")
        #expect(folded.address?.text == "z@n.edu")
        let without = try patched(
            anna, #"{"op":"remove","path":"emails[type eq \"work\"]"},{"op":"Remove","path":"externalId"}"#)
        #expect(without.emails.map(\.value) == ["a@home.edu"] && without.externalID == nil)
        let other = try patched(anna, #"{"op":"add","path":"emails[type eq \"other\"].value","value":"o@n.edu"}"#)
        #expect(other.emails.last?.type == "other" && other.emails.count == 3)
        #expect(try patched(anna, #"{"op":"remove","path":"active"},{"op":"remove","path":"title"}"#) == anna)
    }

    @Test func `what cannot be done is refused by name`() throws {
        let anna = try user(Self.anna)
        let refused = [
            (#"{"op":"move","path":"active"}"#, "op"), (#"{"path":"active"}"#, "op"), (#"{"op":"remove"}"#, "path"),
            (#"{"op":"add","path":"a b","value":1}"#, "path"), (#"{"op":"add","path":3,"value":1}"#, "path"),
            (#"{"op":"add","value":"x"}"#, "value"), ("3", "Operations"),
            (#"{"op":"remove","path":"userName"}"#, "userName"),
            (#"{"op":"replace","path":"active","value":"yes"}"#, "active"),
            (#"{"op":"replace","path":"userName","value":{"a":1}}"#, "userName"),
            (#"{"op":"replace","path":"emails","value":[{"value":"none"}]}"#, "emails"),
        ]
        for (operation, field) in refused {
            #expect {
                try patched(anna, operation)
            } throws: { error in
                guard case CaseworkError.invalid(let problems) = error else { return false }
                return problems.map(\.field) == [field]
            }
        }
        for body in ["{}", #"{"userName":""}"#, #"{"userName":7}"#] {
            #expect(throws: CaseworkError.self) { try user(body) }
        }
    }

    @Test func `the address of an account`() throws {
        #expect(try user(Self.anna).address?.text == "anna@northfield.edu")
        #expect(try user(#"{"userName":"anna@n.edu"}"#).address?.text == "anna@n.edu")
        #expect(try user(#"{"userName":"anna"}"#).address == nil)
        let work = #"{"userName":"x","emails":[{"type":"home","value":"h@n.edu"},{"type":"Work","value":"w@n.edu"}]}"#
        #expect(try user(work).address?.text == "w@n.edu")
        var deleted = try user(Self.anna)
        deleted.userName = "0123456789abcdef0123456789ABCDEFanna@northfield.edu"
        #expect(deleted.address?.text == deleted.userName)
    }
}

@Suite struct SCIMUserFuzzTests {
    @Test func `searches of whatever comes ask for a page, or are refused by name`() {
        let samples = [
            #"{"schemas":["x"],"filter":"userName eq \"a\"","startIndex":2,"count":10,"attributes":["userName"]}"#
        ]
        let pieces = [
            "{", "}", "[", "]", ",", ":", #""filter""#, #""count""#, #""startIndex""#, #""attributes""#, "null", "1e99",
            "-1", #""excludedAttributes""#, #""emails.value""#, "9223372036854775807",
        ]
        #expect(
            Fuzz.fault(samples: samples, pieces: pieces) { bytes, _ in
                do {
                    let page = try SCIMSearch(JSONObject(parsing: bytes)).page
                    return page.start >= 1 && (0...SCIMPage.most).contains(page.count)
                } catch is CaseworkError {
                    return true
                }
            } == nil)
    }

    @Test func `operations on whatever comes change a user, or are refused`() {
        let samples = [
            #"{"Operations":[{"op":"Replace","path":"active","value":"False"}]}"#,
            #"{"Operations":[{"op":"add","value":{"emails":[{"value":"a@b.edu","type":"work"}],"name":{"givenName":"X"}}}]}"#,
        ]
        let pieces = [
            "{", "}", "[", "]", ",", ":", #""op""#, #""add""#, #""remove""#, #""path""#, #""value""#, #""Operations""#,
            #""urn:ietf:params:scim:schemas:extension:enterprise:2.0:User""#, #""employeeNumber""#,
            #""emails[type eq \"work\"]""#, #""emails""#, #""name""#, "null", "true", #""x@y.edu""#, #""type""#,
        ]
        #expect(
            Fuzz.fault(samples: samples, pieces: pieces) { bytes, _ in
                do throws(CaseworkError) {
                    let operations = try SCIMPatch.operations(of: JSONObject(parsing: bytes))
                    let anna = try SCIMUser(JSONObject(parsing: Array(SCIMUserTests.anna.utf8)))
                    let patched = try anna.patched(by: operations)
                    return patched.emails.count <= SCIMEmail.most && patched.employeeNumber?.isEmpty != true
                } catch {
                    return true
                }
            } == nil)
    }
}
