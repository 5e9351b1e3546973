import Casework
import Foundation
import HTTPTypes
import Outgoing
import Postgres
import TestSupport
import Testing
import Web

/// Sign-in by a provider that others have written.
@Suite(.enabled(if: ProviderServer.isAvailable, "the Python packages of the provider cannot be had"))
struct OtherProviderTests {
    @Test func `its person comes in, and whoever says no there does not`() async throws {
        let provider = try await ProviderServer(
            claims:
                #"{"sub":"ada","email":"ada@college.example","email_verified":true,"given_name":"Ada","family_name":"Lovelace"}"#
        )
        let college = try await TestInstitution.make()
        var site = college.site
        site.secretKeys = try SecretKeys(SecretKey.random().text)
        // as long as the operator has not allowed it, nobody gets there
        let strict = TestClient(site: site, host: college.client().host)
        let outside = HTTPSClient(.init(destinations: try #require(Destinations(allowing: ["http://127.0.0.1"]))))
        site.outgoing = outside
        let client = TestClient(site: site, host: college.client().host)
        let admin = client.signedIn(try await college.person("admin").token.text)
        let set = try await admin.send(
            .put, "/api/v1/settings/identity-provider",
            json:
                #"{"enabled":true,"issuer":"\#(provider.issuer)","clientId":"waymark","clientSecret":"secret","createsStudents":true}"#
        )
        #expect(set.status == 200, "\(set.text)")
        #expect(try await strict.send(.get, "/sign-in/provider").text.contains("does not answer"))
        let trial = try await admin.send(.post, "/api/v1/settings/identity-provider/test")
        #expect(trial.text(#"problem"#) == nil && trial["usable"] == .bool(true), "\(trial.text)")

        for (said, comesIn) in [("action=deny", false), ("sub=ada", true)] {
            let start = try await client.send(.get, "/sign-in/provider")
            let question = try #require(start.headers[.location])
            let cookie = String(try #require(start.headers[.setCookie]).prefix { $0 != ";" })
            let there = try await outside.send(
                OutgoingRequest(
                    "POST", question, headers: [("Content-Type", "application/x-www-form-urlencoded")],
                    body: Array(said.utf8)))
            #expect(there.status == 302)
            let back = try #require(there.header("location").flatMap { URLComponents(string: $0) })
            #expect(back.host == client.host && back.path == "/sign-in/provider/return")
            let answer = try await client.send(
                .get, "\(back.path)?\(back.percentEncodedQuery ?? "")", headers: [.cookie: cookie])
            let session = answer.headers[values: .setCookie].contains { $0.hasPrefix("__Host-waymark=wms_") }
            #expect(session == comesIn, "\(answer.status) \(answer.text)")
        }
        #expect(
            try await college.texts("select name || ' ' || role from accounts where email = 'ada@college.example'") == [
                "Ada Lovelace student"
            ])
    }
}
