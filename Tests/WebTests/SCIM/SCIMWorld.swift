import Casework
import Foundation
import HTTPTypes
import Postgres
import Tenancy
import TestSupport

/// An institution with a token for SCIM, and the requests of an identity provider.
struct SCIMWorld {
    let college: TestInstitution
    let admin: TestClient
    let provider: TestClient
    let adminID: Int

    /// - Parameter defaultRole: what users become who are in no group with a rule; nil: nothing.
    static func make(defaultRole: String? = "student") async throws -> SCIMWorld {
        let college = try await TestInstitution.make()
        let person = try await college.person("admin")
        let admin = college.client(person)
        let end = Date.now.addingTimeInterval(86_400).formatted(.iso8601)
        let token = try await admin.send(
            .post, "/api/v1/tokens", json: #"{"name":"Entra","expiresAt":"\#(end)","scopes":["scim"]}"#)
        try await college.run("update scim_rules set default_role = \(defaultRole)")
        return SCIMWorld(
            college: college, admin: admin, provider: college.client().signedIn(token.text("token")), adminID: person.id
        )
    }

    func send(
        _ method: HTTPRequest.Method, _ path: String, _ body: String? = nil, headers: HTTPFields = [:]
    ) async throws -> TestClient.Answer {
        try await provider.send(
            method, "/scim/v2\(path)", body: body.map { Array($0.utf8) },
            contentType: body.map { _ in "application/scim+json; charset=utf-8" }, headers: headers)
    }

    /// As Entra makes a user.
    func create(_ name: String, given: String = "Anna", family: String = "Weiss", active: String = "true") async throws
        -> TestClient.Answer
    {
        try await send(
            .post, "/Users",
            """
            {"schemas":["urn:ietf:params:scim:schemas:core:2.0:User",
              "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
             "externalId":"\(name)-key","userName":"\(name)","active":\(active),
             "emails":[{"primary":true,"type":"work","value":"\(name)"}],"displayName":"\(given) \(family)",
             "meta":{"resourceType":"User"},"name":{"formatted":"\(given) \(family)","familyName":"\(family)",
             "givenName":"\(given)"},"roles":[],"title":"Prof."}
            """)
    }

    func patch(_ place: String, _ operations: String) async throws -> TestClient.Answer {
        try await send(
            .patch, place,
            #"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[\#(operations)]}"#)
    }

    func find(_ filter: String, in place: String = "Users", more: String = "") async throws -> TestClient.Answer {
        let text = filter.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        return try await send(.get, "/\(place)?filter=\(text)\(more)")
    }

    /// `role status given family`, of the account with that address; nil where there is none.
    func account(_ email: String) async throws -> String? {
        try await college.owner(
            ("""
            select role || ' ' || status || ' ' || given_name || ' ' || family_name from accounts where email = \(email)
            """ as SQL).optionalValue(String.self))
    }

    /// Has admins rule what members of a group become.
    func rule(_ group: String, _ json: String) async throws -> TestClient.Answer {
        try await admin.send(.put, "/api/v1/scim/groups/\(Self.number(group))/rule", json: json)
    }

    /// The number by which admins know a group.
    static func number(_ group: String?) -> Int { group.flatMap { SCIMID($0)?.group } ?? 0 }

    func audited(_ action: String) async throws -> Int {
        try await college.owner(
            ("select count(*) from audit where action = \(action) and token_id is not null" as SQL).value(Int.self))
    }
}
