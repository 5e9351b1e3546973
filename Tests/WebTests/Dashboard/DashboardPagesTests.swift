import Casework
import Foundation
import HTTPTypes
import Postgres
import Tenancy
import TestSupport
import Testing

/// The student's page: what its first line says.
@Suite struct DashboardPagesTests {
    /// The first line for a student whose milestones are due so many days from today.
    private func summary(_ dues: [Int], language: String = "en") async throws -> String {
        let it = try await TestCohort.make()
        let today = try await it.place.owner(
            SQL("select (now() at time zone time_zone)::date from settings").value(CalendarDate.self))
        for (number, days) in dues.enumerated() {
            _ = try await it.milestone("Step \(number)", dueOn: today.shifted(days: days))
        }
        let page = try await it.place.client().send(
            .get, "/dashboard",
            headers: [.cookie: "__Host-waymark=\(it.student.token.text); language=\(language)"])
        return page.text.firstMatch(of: /<\/h1><p>(.*?)<\/p>/).map { String($0.output.1) } ?? page.text
    }

    @Test(arguments: [
        ([], "0 of 1 milestones done."),
        ([3, 1], "0 of 3 milestones done. Next: Step 1, tomorrow."),
        ([3, 0], "0 of 3 milestones done. Next: Step 1, today."),
        ([3, -1], "0 of 3 milestones done. Overdue by 1 day: Step 1."),
        ([-40, 0], "0 of 3 milestones done. Overdue by 40 days: Step 0."),
        ([-1, -3, 2], "0 of 4 milestones done. 2 are overdue; start with Step 1."),
    ])
    func `the first line says what is next, or late`(dues: [Int], line: String) async throws {
        #expect(try await summary(dues) == line)
    }

    @Test(arguments: [
        ([-1], "0 de 2 hitos completados. Con 1 día de retraso: Step 0."),
        ([-40], "0 de 2 hitos completados. Con 40 días de retraso: Step 0."),
        ([-1, -3], "0 de 3 hitos completados. 2 tienen retraso; empiece por Step 1."),
    ])
    func `so it does in Spanish`(dues: [Int], line: String) async throws {
        #expect(try await summary(dues, language: "es") == line)
    }
}
