import Casework
import Dates
import Foundation
import HTTPTypes
import Postgres
import Tenancy

/// An institution that is set up and visible: one cohort with two students and a milestone, supported by a group with one
/// staff member who has a published card; and a second cohort that staff member does not see.
public struct TestCohort: Sendable {
    /// The institution.
    public let place: TestInstitution
    /// An admin.
    public let admin: TestInstitution.Person
    /// The group's member, who has a published card.
    public let staff: TestInstitution.Person
    /// A student of the cohort.
    public let student: TestInstitution.Person
    /// Another student of the cohort.
    public let other: TestInstitution.Person
    /// Category, cohort, the cohort out of scope, group, milestone.
    public let category, id, hidden, group, milestone: Int

    /// Makes all of that. The milestone is saved, without a due date, completed by staff.
    public static func make(timeZone: String = "UTC") async throws -> TestCohort {
        let place = try await TestInstitution.make(timeZone: timeZone)
        let admin = try await place.person("admin")
        let staff = try await place.person("staff")
        let student = try await place.person("student", email: "a@example.edu")
        let other = try await place.person("student", email: "b@example.edu")
        let (category, group) = try await place.owner(
            SQL("insert into cohort_categories (name) values ('First-Year') returning id").value(Int.self),
            SQL("insert into groups (name) values ('Advising') returning id").value(Int.self))
        let (cohort, hidden) = try await place.owner(
            SQL("insert into cohorts (category_id, name) values (\(category), 'Fall') returning id").value(Int.self),
            SQL("insert into cohorts (category_id, name) values (\(category), 'Hidden') returning id").value(Int.self))
        let (milestone, _, _, _, _, _) = try await place.owner(
            SQL("insert into milestones (cohort_id, title, saved) values (\(cohort), 'Meet', true) returning id").value(
                Int.self),
            SQL(
                "insert into enrollments (cohort_id, student_id) values (\(cohort), \(student.id)), (\(cohort), \(other.id))"
            ).done(),
            SQL(
                "insert into group_members (group_id, account_id, account_role) values (\(group), \(staff.id), 'staff')"
            ).done(),
            SQL("insert into cohort_groups (cohort_id, group_id) values (\(cohort), \(group))").done(),
            SQL(
                """
                insert into cards (account_id, account_role, office, email, published)
                values (\(staff.id), 'staff', 'B 12', 'advising@example.edu', true)
                """
            ).done(),
            SQL("update settings set student_visibility = true").done())
        return TestCohort(
            place: place, admin: admin, staff: staff, student: student, other: other, category: category, id: cohort,
            hidden: hidden, group: group, milestone: milestone)
    }

    /// Adds a saved milestone.
    /// - Returns: its id.
    public func milestone(
        _ title: String, in cohort: Int? = nil, dueOn: CalendarDate? = nil, completion: String = "staff"
    )
        async throws -> Int
    {
        try await place.owner(
            SQL(
                """
                insert into milestones (cohort_id, title, due_on, completion, saved)
                values (\(cohort ?? id), \(title), \(dueOn), \(completion), true) returning id
                """
            ).value(Int.self))
    }
}

extension TestCohort {
    /// Sends a request as somebody and expects a status.
    public func send(
        _ who: TestInstitution.Person?, _ call: String, json: String? = nil, headers: HTTPFields = [:]
    ) async throws -> TestClient.Answer {
        let words = call.split(separator: " ").map(String.init)
        guard words.count == 2, let method = HTTPRequest.Method(words[0]) else { throw URLError(.badURL) }
        return try await place.client(who).send(method, "/api/v1" + words[1], json: json, headers: headers)
    }
}

extension JSONValue {
    /// A member of an object.
    public subscript(name: String) -> JSONValue? {
        if case .object(let object) = self { object[name] } else { nil }
    }

    /// An element of an array.
    public subscript(index: Int) -> JSONValue? {
        if case .array(let values) = self, values.indices.contains(index) { values[index] } else { nil }
    }

    /// The elements of an array; none where it is no array.
    public var elements: [JSONValue] {
        if case .array(let values) = self { values } else { [] }
    }

    /// The whole number it is.
    public var int: Int? {
        if case .number(let number) = self { number.integer } else { nil }
    }

    /// The text it is.
    public var string: String? {
        if case .string(let text) = self { text } else { nil }
    }
}
