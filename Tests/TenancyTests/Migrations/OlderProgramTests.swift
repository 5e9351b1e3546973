import Postgres
import Tenancy
import TestSupport
import Testing

/// Statements of the version before, as they stood there: its servers go on while the schemas are this version's.
@Suite struct OlderProgramTests {
    @Test(arguments: ["admin", "director", "manager", "staff", "student"])
    func `it signs out by deleting the session, and nobody else's`(role: String) async throws {
        let place = try await TestInstitution.make()
        let (caller, other) = (try await place.person(role), try await place.person("staff"))
        func signOut(_ person: TestInstitution.Person) async throws -> Int {
            let hash = try await place.owner(
                ("select token_hash from sessions where account_id = \(person.id)" as SQL).value([UInt8].self))
            return try await place.work(caller)(
                ("""
                with old as (delete from sessions where token_hash = \(hash) returning account_id)
                insert into audit (action, subject) select 'session.delete', 'account/' || account_id from old
                """ as SQL).affected())
        }
        if role != "admin" { #expect(try await signOut(other) == 0) }
        #expect(try await signOut(caller) == 1)
        #expect(try await place.work(other).enter() == other.id)
    }

    @Test func `it creates institutions without a seat`() async throws {
        let database = try await TestDatabase.shared.prepared()
        let superuser = try await Connection.connect(conninfo: database.superuser)
        try await superuser.execute(
            script: """
                begin;
                set local role waymark_owner;
                insert into waymark.institutions (id, slug, partition, state)
                    select nextval(pg_get_serial_sequence('waymark.institutions', 'id')), 'before-' || n, 1, 'active'
                      from generate_series(1, 2) n;
                rollback;
                """)
        await superuser.close()
    }

    @Test func `it reads a student's milestones with their progress`() async throws {
        let place = try await TestInstitution.make()
        let student = try await place.person("student")
        try await place.run("update settings set student_visibility = true")
        let milestones: SQL = """
            select milestone_id, cohort_id, title, due_on, description, status, overdue, completion, comment, version
              from my_assignments order by due_on nulls last, milestone_id
            """
        #expect(try await place.work(student, .student)(milestones.affected()) == 0)
    }

    @Test func `it reads a student's support network, each member once`() async throws {
        let place = try await TestInstitution.make()
        let student = try await place.person("student")
        try await place.run("update settings set student_visibility = true")
        let members: SQL = """
            select distinct group_id, group_name, account_id, name, sort_name, carded, title, office, phone, location, biography,
                   hours, booking_url
              from support_network where true
             order by group_name, group_id, sort_name, account_id
            """
        #expect(try await place.work(student, .student)(members.affected()) == 0)
    }
}
