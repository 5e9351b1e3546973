import Casework
import Foundation
import Postgres
import Tenancy
import TestSupport
import Testing

@Suite struct AccountRuleTests {
    private static let passwords = PasswordHasher(cost: .weak)

    private func accounts(_ college: TestInstitution, _ admin: TestInstitution.Person) throws -> AccountRepository {
        AccountRepository(work: try college.work(admin, .adminInPerson))
    }

    private func patch(_ change: (inout AccountPatch) -> Void) -> AccountPatch {
        var patch = AccountPatch()
        change(&patch)
        return patch
    }

    @Test func `two admins who demote each other at once leave one`() async throws {
        let college = try await TestInstitution.make()
        for _ in 0..<5 {
            try await college.run("update accounts set role = 'staff', status = 'archived' where role = 'admin'")
            let one = try await college.person("admin")
            let other = try await college.person("admin")
            let demotion = patch { $0.role = .staff }
            async let first = try? accounts(college, one).update(
                other.id, demotion, ifMatch: .any, hashing: Self.passwords)
            async let second = try? accounts(college, other).update(
                one.id, demotion, ifMatch: .any, hashing: Self.passwords)
            let done = [await first, await second].compactMap { $0 }
            #expect(done.count == 1)
            let left: SQL = "select count(*) from accounts where role = 'admin' and status = 'active'"
            #expect(try await college.owner(left.value(Int.self)) == 1)
        }
    }

    @Test func `who becomes a student loses memberships, directorships and card`() async throws {
        let college = try await TestInstitution.make()
        let admin = try await college.person("admin")
        let director = try await college.person("director")
        try await college.run("insert into departments (name) values ('Science')")
        try await college.run("insert into department_directors select id, \(director.id), 'director' from departments")
        try await college.run("insert into groups (name) values ('Advising')")
        try await college.run("insert into group_members select id, \(director.id), 'director', true from groups")
        try await college.run("insert into cards (account_id, account_role) values (\(director.id), 'director')")

        let account = try await accounts(college, admin).update(
            director.id, patch { $0.role = .student }, ifMatch: .any, hashing: Self.passwords)
        #expect(account.role == .student)
        let left: SQL = """
            select (select count(*) from department_directors) + (select count(*) from group_members)
                + (select count(*) from cards) + (select count(*) from sessions where account_id = \(director.id))
            """
        #expect(try await college.owner(left.value(Int.self)) == 0)
        let actions: SQL = "select action from audit where subject <> 'institution' order by action"
        let noted = try await college.owner(actions.values(String.self))
        #expect(noted.filter { $0.hasSuffix(".delete") } == ["card.delete", "director.delete", "member.delete"])
        #expect(noted.contains("account.update"))
    }

    @Test func `a director who becomes a manager stays in the groups`() async throws {
        let college = try await TestInstitution.make()
        let admin = try await college.person("admin")
        let director = try await college.person("director")
        try await college.run("insert into departments (name) values ('Science')")
        try await college.run("insert into department_directors select id, \(director.id), 'director' from departments")
        try await college.run("insert into groups (name) values ('Advising')")
        try await college.run("insert into group_members select id, \(director.id), 'director', true from groups")
        _ = try await accounts(college, admin).update(
            director.id, patch { $0.role = .manager }, ifMatch: .any, hashing: Self.passwords)
        let role: SQL = "select account_role from group_members"
        #expect(try await college.owner(role.value(String.self)) == "manager")
        let left: SQL = "select count(*) from department_directors"
        #expect(try await college.owner(left.value(Int.self)) == 0)
    }

    @Test func `a student in a cohort stays one; who left without a trace need not`() async throws {
        let college = try await TestInstitution.make()
        let admin = try await college.person("admin")
        let student = try await college.account("student", email: "s@example.edu")
        try await college.run("insert into cohort_categories (name) values ('Undergraduates')")
        try await college.run("insert into cohorts (category_id, name) select id, 'First Year' from cohort_categories")
        try await college.run("insert into enrollments (cohort_id, student_id) select id, \(student) from cohorts")
        let promotion = patch { $0.role = .staff }
        let accounts = try accounts(college, admin)
        let refusal = await #expect(throws: CaseworkError.self) {
            try await accounts.update(student, promotion, ifMatch: .any, hashing: Self.passwords)
        }
        guard case .conflict(_, _, let blockedBy, _)? = refusal else {
            Issue.record("no conflict")
            return
        }
        #expect(blockedBy == [Blocker(.cohort, name: "First Year")])
        await #expect(throws: CaseworkError.self) { try await accounts.remove(student, ifMatch: .any) }

        try await college.run("update enrollments set left_at = now()")
        #expect(
            try await accounts.update(student, promotion, ifMatch: .any, hashing: Self.passwords).role == .staff)
        try await accounts.remove(student, ifMatch: .any)
        await #expect(throws: CaseworkError.notFound) {
            try await college.work(admin, .adminInPerson).read(AccountRepository.find(student))
        }
    }

    @Test func `nothing changes where nothing differs`() async throws {
        let college = try await TestInstitution.make()
        let admin = try await college.person("admin")
        let accounts = try accounts(college, admin)
        let before = try await college.work(admin, .adminInPerson).read(AccountRepository.find(admin.id))
        let same = patch {
            $0.givenName = before.givenName
            $0.role = .admin
        }
        let after = try await accounts.update(admin.id, same, ifMatch: .any, hashing: Self.passwords)
        #expect(after == before)
        let noted: SQL = "select count(*) from audit where subject = 'account/' || \(admin.id)::int"
        #expect(try await college.owner(noted.value(Int.self)) == 0)
    }

    @Test func `a token dies with its maker's role and does not rise again`() async throws {
        let college = try await TestInstitution.make()
        let admin = try await college.person("admin")
        let maker = try await college.person("admin")
        let draft = APITokenDraft(name: "Sync", expiresAt: .now.addingTimeInterval(3600), scopes: [.read])
        let token = try await TokenRepository(work: college.work(maker, .adminInPerson)).create(draft)
        let work = try college.database.deployment.work(
            in: college.institution, tokenHash: token.secret.hash, audience: .admin, writing: false)
        #expect(try await work.enter() == maker.id)
        let accounts = try accounts(college, admin)
        for role in [Role.manager, .admin] {
            _ = try await accounts.update(
                maker.id, patch { $0.role = role }, ifMatch: .any, hashing: Self.passwords)
            await #expect(throws: EntryRefusal.notSignedIn) { try await work.enter() }
        }
    }

    @Test func `lists find substrings, leave out the archived and page by name`() async throws {
        let college = try await TestInstitution.make()
        let admin = try await college.person("admin")
        for (given, family) in [("Ana", "Ruiz"), ("Bo", "100%"), ("Cy", "a_b"), ("Dee", "ab"), ("Eve", "Ruizdael")] {
            _ = try await college.account("student", email: "\(given)@example.edu", given: given, family: family)
        }
        try await college.run("update accounts set status = 'archived' where given_name = 'Eve'")
        let accounts = try accounts(college, admin)
        func names(_ change: (inout AccountFilter) -> Void) async throws -> [String] {
            var filter = AccountFilter()
            change(&filter)
            var names: [String] = []
            var page: PageRequest? = PageRequest(limit: 1)
            while let request = page {
                let found = try await college.work(admin, .adminInPerson).read(AccountRepository.list(filter, request))
                names += found.items.map(\.givenName)
                page = found.next.map { PageRequest(limit: 1, after: $0) }
            }
            return names
        }
        #expect(try await names { $0.role = .student } == ["Bo", "Cy", "Dee", "Ana"])
        #expect(try await names { $0.text = "RUIZ" } == ["Ana"])
        #expect(try await names { $0.text = "0%" } == ["Bo"])
        #expect(try await names { $0.text = "a_" } == ["Cy"])
        #expect(try await names { $0.archived = true } == ["Eve"])
        #expect(try await names { $0.status = .archived } == ["Eve"])
        #expect(try await names { $0.text = "nobody" } == [])
    }
}
