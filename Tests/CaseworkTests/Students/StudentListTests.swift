import Casework
import Foundation
import Postgres
import Tenancy
import TestSupport
import Testing

/// The list of students counts for all at once what a student's page counts for one: on random data they agree.
@Suite struct StudentListTests {
    /// Three cohorts with fixed and relative due dates, students in some of them, and steps of every kind.
    private static func world() async throws -> CaseloadWorld {
        let world = try await CaseloadWorld.make()
        for cohort in world.cohorts {
            try await world.place.run(
                """
                insert into milestones (cohort_id, title, due_after_days, saved)
                select \(cohort), 'R', (random() * 40)::int, true from generate_series(1, 1 + (random() * 3)::int)
                """)
        }
        try await world.place.run(
            """
            update enrollments set joined_at = now() - (random() * 40)::int * interval '1 day'
            """)
        try await world.place.run(
            """
            insert into progress (milestone_id, student_id, cohort_id, completion, status)
            select m.id, e.student_id, m.cohort_id, m.completion,
                   (array['open', 'submitted', 'returned', 'completed', 'waived'])[1 + floor(random() * 5)::int]
              from enrollments e join milestones m on m.cohort_id = e.cohort_id
             where e.active and m.due_after_days is not null and random() < 0.6
            """)
        try await world.place.run(
            """
            insert into extensions (milestone_id, student_id, cohort_id, status, due_on, asked_for)
            select m.id, e.student_id, m.cohort_id, x.status,
                   case when x.status = 'granted' or random() < 0.5 then current_date + 5 - (random() * 25)::int end,
                   case when x.status = 'asked' then current_date + 9 end
              from enrollments e join milestones m on m.cohort_id = e.cohort_id
             cross join lateral (select (array['asked', 'granted', 'declined'])[1 + (m.id + e.student_id) % 3] as status) x
             where e.active and m.due_after_days is not null and random() < 0.5
            """)
        try await world.place.run(
            """
            insert into progress_events (milestone_id, student_id, cohort_id, actor_id, at, from_status, to_status)
            select p.milestone_id, p.student_id, p.cohort_id,
                   case when random() < 0.5 then p.student_id else \(world.staff.id)::int end,
                   now() - (random() * 1000)::int * interval '1 hour', 'open', p.status
              from progress p where p.enrolled and random() < 0.3
            """)
        try await world.place.run(
            """
            insert into sign_ins (account_id, at)
            select id, now() - (random() * 1000)::int * interval '1 hour' from accounts
             where role = 'student' and random() < 0.6
            """)
        try await world.place.run(
            "update accounts set student_number = 'N' || id where role = 'student' and random() < 0.6")
        return world
    }

    private func read<Output: Sendable>(
        _ world: CaseloadWorld, _ who: TestInstitution.Person, _ reading: Reading<Output>
    ) async throws -> Output {
        try await world.place.work(who, .casework).read(reading)
    }

    /// All pages of three.
    private func list(
        _ world: CaseloadWorld, _ who: TestInstitution.Person, _ filter: StudentFilter
    ) async throws -> [StudentStanding] {
        var found: [StudentStanding] = []
        var next: Cursor?
        repeat {
            let list = try await read(world, who, StudentRepository.list(filter, PageRequest(limit: 3, after: next)))
            found += list.page.items
            next = list.page.next
            if next == nil { #expect(list.students == found.count || found.isEmpty) }
        } while next != nil
        return found
    }

    @Test func `every number is that of the student's own page, for everybody who looks, in every order`() async throws
    {
        let world = try await Self.world()
        let scopes = [(world.admin, [0, 1, 2, 3]), (world.director, [0, 1]), (world.staff, [1, 2])]
        for (who, places) in scopes {
            let everybody = try await list(world, who, StudentFilter())
            #expect(Set(everybody.map(\.id)).isSuperset(of: world.count(places).students))
            var pages: [Int: StudentRecord] = [:]
            for student in everybody {
                let record = try await read(world, who, StudentRepository.read(student.id))
                pages[student.id] = record
                expect(student, equals: record.milestones)
                #expect(student.cohorts.map(\.id) == record.cohorts.map(\.id))
            }
            for cohort in places {
                var filter = StudentFilter()
                filter.cohortID = world.cohorts[cohort]
                let members = try await list(world, who, filter)
                #expect(Set(members.map(\.id)) == world.count([cohort]).students)
                for student in members {
                    let milestones = pages[student.id]?.milestones.filter { $0.cohortID == world.cohorts[cohort] }
                    expect(student, equals: milestones ?? [])
                }
            }
            let file = try await read(world, who, StudentRepository.all(StudentFilter()))
            for (line, student) in zip(file, everybody) { #expect(Self.line(line) == Self.line(student)) }
            #expect(file.count == everybody.count)
            for order in StudentOrder.texts { try await expectOrder(order, of: everybody, world, who) }
            try await expectFilters(of: everybody, world, who)
        }
    }

    private func expect(_ student: StudentStanding, equals milestones: [ProgressEntry]) {
        #expect(student.total == milestones.count { $0.status != .waived }, "\(student.name)")
        #expect(student.completed == milestones.count { $0.status == .completed }, "\(student.name)")
        #expect(student.overdue == milestones.count(where: \.isOverdue), "\(student.name)")
        #expect(student.waiting == milestones.count { $0.status == .submitted }, "\(student.name)")
    }

    /// All but what a file does not tell.
    private static func line(_ student: StudentStanding) -> String {
        "\(student.id) \(student.cohorts.map(\.id)) \(student.completed)/\(student.total) \(student.overdue) "
            + "\(student.waiting) \(student.signedInAt as Date?) \(student.contactedAt as Date?)"
    }

    private func expectOrder(
        _ text: String, of everybody: [StudentStanding], _ world: CaseloadWorld, _ who: TestInstitution.Person
    ) async throws {
        let order = try #require(StudentOrder(text))
        var filter = StudentFilter()
        filter.order = order
        let found = try await list(world, who, filter)
        #expect(found.map(\.id).sorted() == everybody.map(\.id).sorted(), "\(text)")
        let keys = found.compactMap { student -> Double? in
            switch order.column {
            case .name, .studentNumber: nil
            case .cohort: Double(student.cohorts.first.flatMap { world.cohorts.firstIndex(of: $0.id) } ?? 99)
            case .progress: student.total == 0 ? -1 : Double(student.completed) / Double(student.total)
            case .overdue: Double(student.overdue)
            case .waiting: Double(student.waiting)
            case .signedInAt: student.signedInAt?.timeIntervalSince1970 ?? 0
            case .contactedAt: student.contactedAt?.timeIntervalSince1970 ?? 0
            }
        }
        #expect(keys == keys.sorted(by: order.isDescending ? { $0 > $1 } : { $0 < $1 }), "\(text)")
        if order.column == .studentNumber {
            let numbers = found.compactMap(\.studentNumber).map { $0.lowercased() }
            #expect(numbers == numbers.sorted(by: order.isDescending ? { $0 > $1 } : { $0 < $1 }))
            #expect(found.prefix(numbers.count).allSatisfy { $0.studentNumber != nil }, "those without stand last")
        }
        if order.column == .name, order.isDescending { #expect(found.map(\.id) == everybody.reversed().map(\.id)) }
    }

    private func expectFilters(
        of everybody: [StudentStanding], _ world: CaseloadWorld, _ who: TestInstitution.Person
    ) async throws {
        for flag in [true, false] {
            func ids(_ change: (inout StudentFilter) -> Void) async throws -> [Int] {
                var filter = StudentFilter()
                change(&filter)
                return try await list(world, who, filter).map(\.id)
            }
            #expect(try await ids { $0.overdue = flag } == everybody.filter { ($0.overdue > 0) == flag }.map(\.id))
            #expect(try await ids { $0.enrolled = flag } == everybody.filter { $0.cohorts.isEmpty != flag }.map(\.id))
            #expect(try await ids { $0.waiting = flag } == everybody.filter { ($0.waiting > 0) == flag }.map(\.id))
            #expect(
                try await ids { $0.signedIn = flag } == everybody.filter { ($0.signedInAt != nil) == flag }.map(\.id))
        }
    }

    @Test func `a number of the overview leads to exactly those students`() async throws {
        let world = try await Self.world()
        for who in [world.admin, world.director, world.staff] {
            let overview = try await read(world, who, CaseloadRepository.overview())
            for summary in [overview.all] + overview.cohorts + overview.groups {
                var filter = StudentFilter()
                switch summary.caseload {
                case .all: filter.enrolled = true
                case .cohort(let id): filter.cohortID = id
                case .group(let id): filter.groupID = id
                }
                func count(_ change: (inout StudentFilter) -> Void) async throws -> Int {
                    var filter = filter
                    change(&filter)
                    return try await list(world, who, filter).count
                }
                #expect(try await count { $0.overdue = true } == summary.overdue, "\(summary.name)")
                #expect(try await count { $0.dueSoon = true } == summary.dueSoon, "\(summary.name)")
                #expect(try await count { _ in } == summary.students)
            }
        }
    }

    @Test func `a cursor goes on with the order it came from, and no other`() async throws {
        let world = try await Self.world()
        var filter = StudentFilter()
        filter.order = StudentOrder(.overdue, descending: true)
        let list = try await read(world, world.admin, StudentRepository.list(filter, PageRequest(limit: 2)))
        let cursor = try #require(list.page.next)
        #expect(throws: CaseworkError.self) {
            try StudentRepository.list(StudentFilter(), PageRequest(limit: 2, after: cursor))
        }
    }
}
