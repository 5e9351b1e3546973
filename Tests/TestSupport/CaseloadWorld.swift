import Casework
import Dates
import Foundation
import Postgres
import Tenancy

/// An institution with four cohorts, three groups and work in every state, counted here without asking the database.
///
/// Cohorts 0 and 1 belong to group 0, 1 and 2 to group 1, 3 to group 2. The director directs group 0's department, the
/// staff member belongs to group 1.
public struct CaseloadWorld: Sendable {
    /// One student's progress on one saved milestone; days count from today.
    public struct Pair: Sendable {
        /// Cohort, by its place in `cohorts`.
        public let cohort: Int
        /// Account and milestone.
        public let student, milestone: Int
        /// The day it is due, also where that is extended.
        public let due: Int?
        /// Where it stands.
        public let status: ProgressStatus
        /// The day of the last step.
        public let moved: Int
    }

    /// What is expected of some cohorts together.
    public struct Count: Sendable, Equatable {
        /// Students in them, those with something due in seven days, those with something overdue.
        public var students: Set<Int> = [], dueSoon: Set<Int> = [], overdue: Set<Int> = []
        /// What waits, counts, is done, was due, was done in time, and was due and is done.
        public var waiting = 0, total = 0, completed = 0, past = 0, onTime = 0, pastDone = 0
    }

    /// The institution.
    public let place: TestInstitution
    /// The three who look.
    public let admin, director, staff: TestInstitution.Person
    /// Ids, in order.
    public let cohorts, groups: [Int]
    /// Cohorts of each group, by place.
    public static let attached = [[0, 1], [1, 2], [3]]
    /// Who is in which cohort (by place) and counts.
    public let members: [(cohort: Int, student: Int)]
    /// All that counts.
    public let pairs: [Pair]

    /// What is expected of cohorts, by their places.
    public func count(_ cohorts: [Int]) -> Count {
        var count = Count()
        for member in members where cohorts.contains(member.cohort) { count.students.insert(member.student) }
        for pair in pairs where cohorts.contains(pair.cohort) {
            let isToDo = pair.status == .open || pair.status == .returned
            if let due = pair.due, isToDo {
                if due < 0 { count.overdue.insert(pair.student) }
                if due >= 0, due <= 7 { count.dueSoon.insert(pair.student) }
            }
            if pair.status == .submitted { count.waiting += 1 }
            guard pair.status != .waived else { continue }
            count.total += 1
            if pair.status == .completed { count.completed += 1 }
            guard let due = pair.due, due < 0 else { continue }
            count.past += 1
            if pair.status == .completed { count.pastDone += 1 }
            if pair.status == .completed, pair.moved <= due { count.onTime += 1 }
        }
        return count
    }

    /// What was due so many days ago in cohorts, by their places, and what of it was done by then.
    public func before(_ days: Int, _ cohorts: [Int]) -> (past: Int, done: Int) {
        let due = pairs.filter { pair in
            guard let due = pair.due, cohorts.contains(pair.cohort), pair.status != .waived else { return false }
            return due < -days
        }
        return (due.count, due.count { $0.status == .completed && $0.moved <= -days })
    }

    private static let states: [ProgressStatus] = [
        .open, .submitted, .returned, .completed, .waived, .completed, .open,
    ]
    private static let dues: [Int?] = [-30, -1, 0, 7, 8, nil]

    /// Makes it, in a zone far from UTC.
    public static func make() async throws -> CaseloadWorld {
        let place = try await TestInstitution.make(timeZone: "Pacific/Kiritimati")
        let (admin, director, staff) = (
            try await place.person("admin"), try await place.person("director"), try await place.person("staff")
        )
        let today = try await place.owner(
            SQL("select (now() at time zone time_zone)::date from settings").value(CalendarDate.self))
        var cohorts: [Int] = []
        for name in ["Amber", "Blue", "Coral", "Dune"] { cohorts.append(try await place.cohort(name).id) }
        let archived = try await place.cohort("Gone").id
        let groups = [
            try await place.group("Advising", cohorts: [cohorts[0], cohorts[1], archived]),
            try await place.group("Tutoring", of: [staff], cohorts: [cohorts[1], cohorts[2]]),
            try await place.group("Career", cohorts: [cohorts[3]]),
        ]
        let department = try await place.number("insert into departments (name) values ('Science') returning id")
        try await place.run("update groups set department_id = \(department) where id = \(groups[0])")
        try await place.run(
            "insert into department_directors (department_id, account_id) values (\(department), \(director.id))")
        var milestones: [(id: Int, cohort: Int, due: Int?)] = []
        for (number, cohort) in cohorts.enumerated() where number != 3 {
            for due in dues {
                let day = due.map { today.adding(days: $0) }
                let id = try await place.number(
                    """
                    insert into milestones (cohort_id, title, due_on, saved) values (\(cohort), 'M', \(day), true) returning id
                    """)
                milestones.append((id, number, due))
            }
            try await place.run("insert into milestones (cohort_id, due_on) values (\(cohort), '2020-01-01')")
        }
        var members: [(cohort: Int, student: Int)] = []
        var pairs: [Pair] = []
        for number in 0..<11 {
            let student = try await place.account(
                "student", email: "s\(number)@example.edu", given: "Sam\(number)", family: "Family\(number % 4)")
            // the last two do not count: one leaves, one is archived
            let counts = number < 9
            for cohort in Set([number % 4, number * 2 % 4]).sorted() {
                try await place.enroll(student, in: cohorts[cohort])
                if counts { members.append((cohort, student)) }
                for (order, milestone) in milestones.enumerated() where milestone.cohort == cohort {
                    let status = states[(order * 3 + number * 5) % states.count]
                    let moved = -1 - (order * 7 + number) % 40
                    let extended =
                        (order + number) % 3 > 0 ? nil : milestone.due.map { $0 + 8 * ((order + number) % 4 - 1) }
                    let due = milestone.due.map { max($0, extended ?? $0) }
                    if let extended {
                        try await place.run(
                            """
                            insert into extensions (milestone_id, student_id, cohort_id, status, due_on)
                            values (\(milestone.id), \(student), \(cohorts[cohort]), 'granted', \(today.adding(days: extended)))
                            """)
                    }
                    if counts {
                        pairs.append(
                            Pair(
                                cohort: cohort, student: student, milestone: milestone.id, due: due,
                                status: status, moved: moved))
                    }
                    guard status != .open else { continue }
                    let day = today.adding(days: moved)
                    try await place.run(
                        """
                        insert into progress (milestone_id, student_id, cohort_id, completion, status, updated_at)
                        select \(milestone.id), \(student), \(cohorts[cohort]), 'staff', \(status),
                               (\(day)::date + time '23:30') at time zone time_zone from settings
                        """)
                    guard status == .submitted else { continue }
                    try await place.run(
                        """
                        insert into progress_events (milestone_id, student_id, cohort_id, actor_id, at, from_status, to_status)
                        select milestone_id, student_id, cohort_id, student_id, updated_at, 'open', status from progress
                         where milestone_id = \(milestone.id) and student_id = \(student)
                        """)
                }
            }
            if number == 9 {
                try await place.run("update enrollments set left_at = now() where student_id = \(student)")
            }
            if number == 10 { try await place.run("update accounts set status = 'archived' where id = \(student)") }
        }
        try await place.run("insert into enrollments (cohort_id, student_id) select \(archived), \(members[0].student)")
        try await place.run("update cohorts set archived_at = now() where id = \(archived)")
        try await place.makeVisible()
        return CaseloadWorld(
            place: place, admin: admin, director: director, staff: staff, cohorts: cohorts, groups: groups,
            members: members, pairs: pairs)
    }
}
