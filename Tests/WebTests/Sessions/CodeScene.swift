import Foundation
import HTTPTypes
import Postgres
import Synchronization
import Tenancy
import TestSupport
import Testing
import Web

@testable import Casework

/// People with passwords, at a site whose clock the test sets.
struct CodeScene {
    static let password = "correct horse battery"

    /// A clock that stands until it is moved.
    final class Clock: Sendable {
        private let moment = Mutex(Date(timeIntervalSince1970: 1_800_000_000))
        var now: Date { moment.withLock { $0 } }
        func move(seconds: Double) { moment.withLock { $0 += seconds } }
    }

    let college: TestInstitution
    let clock = Clock()
    let site: Site

    init(keys: Bool = true) async throws {
        college = try await TestInstitution.make(name: "Northfield")
        let clock = clock
        var site = TestInstitution.site(college.database.deployment) { clock.now }
        if !keys { site.secretKeys = nil }
        self.site = site
    }

    /// Somebody signed in, with the password above.
    func person(_ role: String) async throws -> TestInstitution.Person {
        let person = try await college.person(role)
        let hash = try await site.passwords.hash(Self.password)
        try await college.run("update accounts set password_hash = \(hash) where id = \(person.id)")
        return person
    }

    /// A client of nobody, or of somebody.
    func client(_ person: TestInstitution.Person? = nil) -> TestClient {
        TestClient(site: site, host: "\(college.institution.slug).localhost", token: person?.token.text)
    }

    /// Somebody whose app is set up.
    struct Owner {
        let person: TestInstitution.Person
        let codes: OneTimeCodes
        let recovery: [String]

        /// One of them; none that works where there is none.
        func recovery(_ place: Int) -> String { recovery.dropFirst(place).first ?? "" }
    }

    /// Sets up an app as the API does it, and goes on to the next step, so that the code that confirmed it is over.
    func owner(_ role: String) async throws -> Owner {
        let person = try await person(role)
        let codes = try await begin(person)
        let answer = try await confirm(person, code(codes))
        #expect(answer.status == 201, "\(answer.text)")
        let recovery = answer.strings("recoveryCodes")
        clock.move(seconds: 30)
        return Owner(person: person, codes: codes, recovery: recovery)
    }

    /// Begins the set-up.
    /// - Returns: what the app would know.
    func begin(_ person: TestInstitution.Person) async throws -> OneTimeCodes {
        let begun = try await client(person).send(.post, "/api/v1/me/authenticator")
        #expect(begun.status == 201, "\(begun.text)")
        let own = Authenticators(gate: try site.deployment.gate(of: college.institution), of: person.id)
        let codes = try own.pending(try await own.find(), try #require(site.secretKeys))
        #expect(begun.text("secret") == codes.text)
        #expect(begun.text("uri") == codes.uri(account: person.email, issuer: "Northfield"))
        return codes
    }

    func confirm(_ person: TestInstitution.Person, _ code: String) async throws -> TestClient.Answer {
        try await client(person).send(
            .post, "/api/v1/me/authenticator/confirmation", json: #"{"code":"\#(code)"}"#)
    }

    /// What the app shows, so many steps from now.
    func code(_ codes: OneTimeCodes, steps: Int = 0) -> String {
        codes.code(at: OneTimeCodes.step(at: clock.now) + steps)
    }

    /// The first step of signing in.
    func signIn(_ person: TestInstitution.Person, password: String = Self.password) async throws -> TestClient.Answer {
        try await client().send(
            .post, "/api/v1/session", json: #"{"email":"\#(person.email)","password":"\#(password)"}"#)
    }

    /// The first step, which has to ask for a code.
    func challenge(_ person: TestInstitution.Person) async throws -> String {
        let answer = try await signIn(person)
        #expect(answer.status == 401 && answer.text("code") == "code-needed", "\(answer.text)")
        #expect(answer.text("type")?.hasSuffix("/code-needed") == true && answer.text("token") == nil)
        return try #require(answer.text("challenge"))
    }

    /// The second step.
    func finish(_ challenge: String, _ code: String, by client: TestClient? = nil) async throws -> TestClient.Answer {
        try await (client ?? self.client()).send(
            .post, "/api/v1/session/code", json: #"{"challenge":"\#(challenge)","code":"\#(code)"}"#)
    }
}

extension TestClient.Answer {
    /// The texts of a member that is an array.
    func strings(_ name: String) -> [String] {
        guard case .array(let values)? = self[name] else { return [] }
        return values.compactMap { if case .string(let text) = $0 { text } else { nil } }
    }
}
