import Casework
import Dates
import Postgres
import Tenancy
import TestSupport
import Testing

@Suite struct CaseloadTests {
    private func read<Output: Sendable>(
        _ world: CaseloadWorld, _ who: TestInstitution.Person, _ reading: Reading<Output>
    ) async throws -> Output {
        try await world.place.work(who, .casework, writing: false).read(reading)
    }

    /// Cohorts by place of whoever looks, and groups.
    private func scopes(_ world: CaseloadWorld) -> [(TestInstitution.Person, cohorts: [Int], groups: [Int])] {
        [(world.director, [0, 1], [0]), (world.staff, [1, 2], [1]), (world.admin, [0, 1, 2, 3], [0, 1, 2])]
    }

    @Test func `the numbers equal an independent count, for everybody who looks`() async throws {
        let world = try await CaseloadWorld.make()
        for (who, cohorts, groups) in scopes(world) {
            let found = try await read(world, who, CaseloadRepository.overview())
            #expect(found.cohorts.map(\.caseload) == cohorts.map { .cohort(world.cohorts[$0]) })
            #expect(
                Set(found.groups.map(\.caseload)) == Set(groups.map { .group(world.groups[$0]) }),
                "a group of nobody's is nobody's number")
            try expect(found.all, world.count(cohorts))
            let memberships = try await read(world, who, CaseloadRepository.summary(upTo: 2_000))
            #expect(memberships?.overdue == (who.id == world.admin.id ? nil : found.all.overdue))
            let tooMany = try await read(world, who, CaseloadRepository.summary(upTo: found.all.students - 1))
            #expect(tooMany == nil)
            for (summary, cohort) in zip(found.cohorts, cohorts) { try expect(summary, world.count([cohort])) }
            for summary in found.groups {
                let group = try #require(world.groups.firstIndex { .group($0) == summary.caseload })
                try expect(summary, world.count(CaseloadWorld.attached[group]))
            }
        }
    }

    private func expect(_ found: CaseloadSummary, _ expected: CaseloadWorld.Count) throws {
        #expect(expected.students.count > 0)
        #expect(found.students == expected.students.count, "\(found.name)")
        #expect(found.dueSoon == expected.dueSoon.count, "\(found.name)")
        #expect(found.overdue == expected.overdue.count, "\(found.name)")
        #expect(found.waiting == expected.waiting, "\(found.name)")
        #expect((found.oldest != nil) == (expected.waiting > 0))
        #expect(found.total == expected.total)
        #expect(found.completed == expected.completed)
        #expect(found.past == expected.past)
        #expect(found.onTime == expected.onTime)
        #expect(found.pastDone == expected.pastDone)
    }

    @Test(arguments: [1, 7, 20])
    func `what was done of what was due so many days ago is counted too`(days: Int) async throws {
        let world = try await CaseloadWorld.make()
        var filter = OverviewFilter()
        filter.days = days
        for (who, cohorts, _) in scopes(world) {
            let found = try await read(world, who, CaseloadRepository.overview(filter))
            #expect(found.all.before == world.before(days, cohorts))
            for (summary, cohort) in zip(found.cohorts, cohorts) {
                #expect(summary.before == world.before(days, [cohort]))
            }
        }
    }

    @Test func `a category's overview holds its cohorts, and groups as far as they support them`() async throws {
        let world = try await CaseloadWorld.make()
        let place = world.place
        let category = try await place.number("insert into cohort_categories (name) values ('Alone') returning id")
        try await place.run("update cohorts set category_id = \(category) where id = \(world.cohorts[1])")
        var filter = OverviewFilter()
        filter.categoryID = category
        let found = try await read(world, world.admin, CaseloadRepository.overview(filter))
        #expect(found.cohorts.map(\.caseload) == [.cohort(world.cohorts[1])])
        try expect(found.all, world.count([1]))
        #expect(found.groups.filter { $0.students > 0 }.count == 2)
        for summary in found.groups where summary.students > 0 { try expect(summary, world.count([1])) }
    }

    @Test(arguments: [1, 2, 50])
    func `behind each number stand exactly those students`(limit: Int) async throws {
        let world = try await CaseloadWorld.make()
        let (overdue, soon, waiting) = (
            filter { $0.overdue = true }, filter { $0.dueWithin = 7 },
            filter { $0.status = .submitted }
        )
        let loads: [(Caseload, [Int])] = [
            (.all, [0, 1, 2, 3]), (.cohort(world.cohorts[1]), [1]), (.cohort(world.cohorts[3]), [3]),
            (.group(world.groups[0]), [0, 1]), (.group(world.groups[2]), [3]),
        ]
        for (load, cohorts) in loads {
            let expected = world.count(cohorts)
            #expect(
                try await list(world, load, ProgressFilter(), limit).map(\.student.id).sorted()
                    == expected.students.sorted())
            #expect(try await list(world, load, overdue, limit).map(\.student.id).sorted() == expected.overdue.sorted())
            #expect(try await list(world, load, soon, limit).map(\.student.id).sorted() == expected.dueSoon.sorted())
            let asked = try await list(world, load, waiting, limit).flatMap(\.milestones)
            #expect(asked.count == expected.waiting)
            #expect(asked.allSatisfy { $0.status == .submitted })
        }
    }

    private func filter(_ change: (inout ProgressFilter) -> Void) -> ProgressFilter {
        var filter = ProgressFilter()
        change(&filter)
        return filter
    }

    /// All pages, as the admin; on each the counts of the whole.
    private func list(_ world: CaseloadWorld, _ load: Caseload, _ filter: ProgressFilter, _ limit: Int) async throws
        -> [CaseloadStudent]
    {
        var found: [CaseloadStudent] = []
        var counts: Set<Int> = []
        var next: Cursor?
        repeat {
            let page = try await read(
                world, world.admin,
                CaseloadRepository.students(
                    of: load, filter, PageRequest(limit: limit, after: next)))
            found += page.page.items
            counts.insert(page.students)
            next = page.page.next
        } while next != nil
        #expect(counts == [found.count])
        #expect(Set(found.map(\.student.id)).count == found.count, "each once")
        return found
    }

    @Test func `a cohort out of scope has no students`() async throws {
        let world = try await CaseloadWorld.make()
        let foreign = try await read(
            world, world.staff,
            CaseloadRepository.students(
                of: .cohort(world.cohorts[0]), ProgressFilter(), PageRequest()))
        #expect(foreign.students == 0)
        #expect(foreign.page.items.isEmpty)
    }

    @Test func `the course of a cohort ends where its numbers stand`() async throws {
        let world = try await CaseloadWorld.make()
        for cohort in 0..<3 {
            let course = try await read(
                world, world.admin, CaseloadRepository.burnUp(of: .cohort(world.cohorts[cohort])))
            let expected = world.count([cohort])
            #expect(course.total == expected.total)
            #expect(course.days.last?.completed == expected.completed)
            let today = try await world.place.work(world.admin).read(Viewer.reading).today
            #expect(course.sums(on: today.adding(days: -1)).planned == expected.past)
            for pair in world.pairs where pair.cohort == cohort && pair.status == .completed {
                let day = course.sums(on: today.adding(days: pair.moved))
                let done = world.pairs.count {
                    $0.cohort == cohort && $0.status == .completed && $0.moved <= pair.moved
                }
                #expect(day.completed == done)
            }
        }
        // together as the sum of each
        let cohorts = [0, 1, 2].map { world.count([$0]) }
        let all = try await read(world, world.admin, CaseloadRepository.burnUp(of: .all))
        #expect(all.total == cohorts.reduce(0) { $0 + $1.total })
        #expect(all.days.last?.completed == cohorts.reduce(0) { $0 + $1.completed })
        let own = try await read(world, world.staff, CaseloadRepository.burnUp(of: .all))
        #expect(own.total < all.total && own.total > 0)
        let none = try await read(world, world.admin, CaseloadRepository.burnUp(of: .all, category: 1_000_000))
        #expect(none == BurnUp(days: [], total: 0))
        let empty = try await read(world, world.admin, CaseloadRepository.burnUp(of: .cohort(world.cohorts[3])))
        #expect(empty == BurnUp(days: [], total: 0))
    }
}
