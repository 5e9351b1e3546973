import Casework
import HTTPTypes
import Postgres
import Tenancy
import TestSupport
import Testing

@Suite struct SettingsAPITests {
    private let path = "/api/v1/settings"

    @Test func `an admin reads and changes the settings`() async throws {
        let college = try await TestInstitution.make(name: "Northfield", timeZone: "America/Chicago")
        let client = college.client(try await college.person("admin"))
        let before = try await client.send(.get, path)
        #expect(before.status == 200)
        #expect(before.text("name") == "Northfield")
        #expect(before.text("timeZone") == "America/Chicago")
        #expect(before.text("studentVisibility") == "disabled")
        #expect(before["cohortDelegation"] == .bool(false))
        let tag = try #require(before.headers[.eTag])
        let after = try await client.send(
            .patch, path, json: #"{"timeZone":"Europe/Berlin","cohortDelegation":true}"#, headers: [.ifMatch: tag])
        #expect(after.status == 200)
        #expect(after.text("timeZone") == "Europe/Berlin")
        #expect(after.text("name") == "Northfield")
        #expect(try await client.send(.patch, path, json: #"{"name":"Late"}"#, headers: [.ifMatch: tag]).status == 412)
        let same = try await client.send(.patch, path, json: #"{"timeZone":"Europe/Berlin"}"#)
        #expect(same.headers[.eTag] == after.headers[.eTag])
        #expect(try await college.audited() == ["settings.update settings"])
        let noted = try await college.owner(
            ("select before ->> 'timeZone' || ' ' || (after ->> 'timeZone') as zones from audit" as SQL)
                .value(String.self))
        #expect(noted == "America/Chicago Europe/Berlin")
    }

    @Test func `a bad value names its field`() async throws {
        let college = try await TestInstitution.make()
        let client = college.client(try await college.person("admin"))
        for (body, field) in [
            (#"{"timeZone":"Mars/Olympus"}"#, "timeZone"), (#"{"timeZone":"FOO+3"}"#, "timeZone"),
            (#"{"timeZone":"posix/UTC"}"#, "timeZone"), (#"{"timeZone":null}"#, "timeZone"),
            (#"{"studentVisibility":true}"#, "studentVisibility"),
            (#"{"studentVisibility":"on"}"#, "studentVisibility"),
            (#"{"cohortDelegation":"yes"}"#, "cohortDelegation"), (#"{"name":" "}"#, "name"),
            (#"{"suspended":true}"#, "suspended"),
        ] {
            let refused = try await client.send(.patch, path, json: body)
            #expect(refused.status == 422)
            #expect(refused.refusedFields == [field])
        }
        #expect(try await college.audited().isEmpty)
    }

    @Test func `visibility waits for the set-up, and then stays`() async throws {
        let college = try await TestInstitution.make()
        let client = college.client(try await college.person("admin"))
        let enabling = #"{"studentVisibility":"enabled"}"#
        let early = try await client.send(.patch, path, json: enabling)
        #expect(early.status == 422)
        #expect(Set(early.refusedFields) == ["studentVisibility"])
        #expect(early.text.contains("missing: ") && early.text.contains("A support group with a carded member"))
        try await college.makeReady()
        let done = try await client.send(.patch, path, json: enabling)
        #expect(done.status == 200)
        #expect(done.text("studentVisibility") == "enabled")
        try await college.run("update milestones set saved = false")
        #expect(try await client.send(.patch, path, json: #"{"name":"Other"}"#).status == 200)
        #expect(try await client.send(.patch, path, json: enabling).status == 200)
        #expect(try await client.send(.patch, path, json: #"{"studentVisibility":"disabled"}"#).status == 200)
        #expect(try await client.send(.patch, path, json: enabling).status == 422)
    }

    @Test func `settings are for admins in person`() async throws {
        let college = try await TestInstitution.make()
        let admin = try await college.person("admin")
        for role in ["director", "manager", "staff", "student"] {
            let client = college.client(try await college.person(role))
            #expect(try await client.send(.get, path).status == 403)
            #expect(try await client.send(.patch, path, json: "{}").status == 403)
        }
        let token = SessionToken(kind: .api, institution: college.institution.id, secret: try Secret.random())
        try await college.run(
            """
            insert into api_tokens (token_hash, name, scopes, maker_id, created_at, expires_at)
            values (\(token.hash), 'sync', array['read', 'write'], \(admin.id), now(), now() + interval '1 day')
            """)
        let program = college.client().signedIn(token.text)
        #expect(try await program.send(.get, "/api/v1/setup").status == 200)
        #expect(try await program.send(.get, path).status == 403)
        #expect(try await program.send(.patch, path, json: #"{"name":"x"}"#).status == 403)
    }
}
