import Casework
import Foundation
import HTTPTypes
import Outgoing
import Postgres
import TestSupport
import Testing
import Web

/// An institution whose people sign in by an issuer of the tests.
struct ProviderScene {
    let college: TestInstitution
    let issuer: TestIssuer
    let key: TestIssuerKey
    /// As the admin, over the API.
    let admin: TestClient
    /// Nobody yet.
    let client: TestClient
    let person: TestInstitution.Person
    let site: Site
    let secretKey: String
    /// What was told meanwhile.
    let book: EventBook

    static func with(
        _ settings: String = #""createsStudents":true"#, algorithm: TestIssuerKey.Algorithm = .rs256,
        _ body: (ProviderScene) async throws -> Void
    ) async throws {
        try await TestIssuer.with { issuer, certificate in
            let college = try await TestInstitution.make(name: "Northfield")
            let key = try TestIssuerKey(algorithm, id: "first")
            issuer.show([key.jwk])
            let book = EventBook()
            var site = TestInstitution.site(college.database.deployment, observers: book.observers)
            site.outgoing = HTTPSClient(
                .init(
                    destinations: try #require(Destinations(allowing: ["idp.localhost"])),
                    certificateAuthority: certificate.certificatePath))
            let secretKey = try SecretKey.random().text
            site.secretKeys = try SecretKeys(secretKey)
            let person = try await college.person("admin")
            let client = TestClient(site: site, host: college.client().host)
            let scene = ProviderScene(
                college: college, issuer: issuer, key: key, admin: client.signedIn(person.token.text), client: client,
                person: person, site: site, secretKey: secretKey, book: book)
            let set = try await scene.set(settings)
            #expect(set.status == 200, "\(set.text)")
            try await body(scene)
        }
    }

    /// The same by another client.
    func from(_ client: TestClient) -> ProviderScene {
        ProviderScene(
            college: college, issuer: issuer, key: key, admin: admin, client: client, person: person,
            site: site, secretKey: secretKey, book: book)
    }

    func set(_ settings: String) async throws -> TestClient.Answer {
        let more = settings.isEmpty ? "" : "," + settings
        return try await admin.send(
            .put, "/api/v1/settings/identity-provider",
            json:
                #"{"enabled":true,"issuer":"\#(issuer.origin)","clientId":"waymark","clientSecret":"s 3:cret"\#(more)}"#
        )
    }

    /// A try to sign in, as far as the provider.
    struct Departure {
        let cookie: String
        let query: [String: String]
    }

    func depart(next: String = "") async throws -> Departure {
        let answer = try await client.send(.get, "/sign-in/provider" + (next.isEmpty ? "" : "?next=\(next)"))
        #expect(answer.status == 303, "\(answer.text)")
        let address = try #require(answer.headers[.location].flatMap { URLComponents(string: $0) })
        #expect("\(address.scheme ?? "")://\(address.host ?? ""):\(address.port ?? 0)" == issuer.origin)
        let cookie = try #require(answer.headers[.setCookie])
        #expect(cookie.hasPrefix("__Host-waymark-provider=") && cookie.contains("Secure; HttpOnly; SameSite=Lax"))
        return Departure(
            cookie: String(cookie.prefix { $0 != ";" }),
            query: Dictionary((address.queryItems ?? []).map { ($0.name, $0.value ?? "") }) { $1 })
    }

    /// The content of a token that is as it should be, but for some claims.
    func content(_ departure: Departure, _ changes: [String: String?] = [:]) -> String {
        let now = Int(Date().timeIntervalSince1970)
        var claims: [String: String] = [
            "iss": #""\#(issuer.origin)""#, "aud": #""waymark""#, "exp": "\(now + 300)", "iat": "\(now)",
            "nonce": #""\#(departure.query["nonce"] ?? "")""#, "sub": #""ada-1""#,
            "email": #""ada@northfield.example""#, "email_verified": "true", "given_name": #""Ada""#,
            "family_name": #""Lovelace""#,
        ]
        for (name, value) in changes { claims[name] = value }
        return "{" + claims.map { #""\#($0.key)":\#($0.value)"# }.joined(separator: ",") + "}"
    }

    /// Comes back from the provider, which then gives that token.
    func arrive(
        _ departure: Departure, token: String? = nil, changes: [String: String?] = [:], query: String = ""
    ) async throws -> TestClient.Answer {
        let text = try token ?? key.token(content(departure, changes))
        issuer.answer("/token", .init(#"{"id_token":"\#(text)","access_token":"t","token_type":"Bearer"}"#))
        return try await client.send(
            .get, "/sign-in/provider/return?code=c&state=\(departure.query["state"] ?? "")\(query)",
            headers: [.cookie: departure.cookie])
    }

    /// A whole sign-in.
    func signIn(_ changes: [String: String?] = [:]) async throws -> TestClient.Answer {
        try await arrive(try await depart(), changes: changes)
    }

    /// The token of the session that an answer opened; nil where it opened none.
    func session(_ answer: TestClient.Answer) -> String? {
        answer.headers[values: .setCookie].first { $0.hasPrefix("__Host-waymark=wms_") }
            .map { String($0.dropFirst("__Host-waymark=".count).prefix { $0 != ";" }) }
    }

    func accounts() async throws -> Int { try await college.number("select count(*) from accounts") }
}
