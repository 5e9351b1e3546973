import Dates
import Foundation
import Postgres
import Testing

@testable import CLI

@Suite struct DemoDataTests {
    private static let today = CalendarDate(year: 2026, month: 11, day: 23)!

    @Test(arguments: DemoService.slugs)
    func `an institution is large enough and has one admin`(_ slug: String) {
        let data = DemoGenerator.make(slug: slug, today: Self.today)
        #expect(data.departments.count >= 2)
        #expect(data.groups.count >= 5)
        #expect(data.categories.count >= 3)
        #expect(data.cohorts.count >= 6)
        #expect(data.ids("student").count >= 200)
        #expect(data.ids("admin").count == 1)
        #expect(Set(data.accounts.map(\.email)).count == data.accounts.count)
        for role in DemoData.roles {
            #expect(data.ids(role).first.map { data.accounts[$0 - 1].email } == "\(role)@\(slug).example")
        }
    }

    @Test(arguments: DemoService.slugs)
    func `some people have a preferred name, those shown have none`(_ slug: String) {
        let data = DemoGenerator.make(slug: slug, today: Self.today)
        let preferring = data.accounts.count { $0.preferredName != nil }
        #expect(preferring >= 5 && preferring * 5 < data.accounts.count)
        for role in DemoData.roles {
            #expect(data.ids(role).first.map { data.accounts[$0 - 1].preferredName == nil } == true)
        }
    }

    @Test func `the same name and day give the same data, another name gives another`() {
        let data = DemoGenerator.make(slug: "northfield", today: Self.today)
        #expect(DemoGenerator.make(slug: "northfield", today: Self.today) == data)
        #expect(DemoGenerator.make(slug: "lakeside", today: Self.today).accounts != data.accounts)
    }

    @Test(arguments: DemoService.slugs)
    func `the shown director, manager and staff member see some cohorts and not all`(_ slug: String) {
        let data = DemoGenerator.make(slug: slug, today: Self.today)
        for role in ["director", "manager", "staff"] {
            let person = data.ids(role)[0]
            let departments = data.directorships.filter { $0[1] == person }.map { $0[0] }
            let directed = data.groups.indices.filter { departments.contains(data.groups[$0].department) }.map {
                $0 + 1
            }
            let joined = data.memberships.filter { $0.account == person }.map(\.group)
            let seen = data.cohorts(supportedBy: Set(directed + joined))
            #expect(!seen.isEmpty && seen.count < data.cohorts.count, "\(role) sees \(seen.count)")
        }
    }

    @Test(arguments: DemoService.slugs)
    func `due dates lie between 40 days ago and 60 days ahead, and progress is in every state`(_ slug: String) {
        let data = DemoGenerator.make(slug: slug, today: Self.today)
        let distances = data.milestones.compactMap { $0.dueOn.map { $0.daysSince1970 - Self.today.daysSince1970 } }
        #expect(distances.min() == -40)
        #expect(distances.max() == 60)
        #expect(data.milestones.contains { $0.dueOn == nil })
        #expect(Set(data.progress.map(\.status)) == ["completed", "submitted", "returned", "waived"])
        #expect(data.cards.filter(\.published).count * 10 > data.cards.count * 7)
        #expect(data.files.contains { $0.contentType == "application/pdf" && $0.content.starts(with: "%PDF-".utf8) })
    }

    @Test(arguments: DemoService.slugs)
    func `the shown student has several cohorts and milestones in several states`(_ slug: String) {
        let data = DemoGenerator.make(slug: slug, today: Self.today)
        let student = data.ids("student")[0]
        let cohorts = data.enrollments.filter { $0.student == student }.map(\.cohort)
        #expect(cohorts.count == 2)
        #expect(Set(data.progress.filter { $0.student == student }.map(\.status)).count >= 4)
    }

    @Test(arguments: DemoService.slugs)
    func `comments fit their milestones, and most of what was due is done`(_ slug: String) {
        let data = DemoGenerator.make(slug: slug, today: Self.today)
        for event in data.events {
            let title = data.milestones[event.milestone - 1].title
            let texts = DemoTexts.milestones.first { $0.title == title }
            guard let comment = event.comment else { continue }
            switch event.to {
            case "submitted": #expect(texts?.submissions.contains(comment) == true, "\(title): \(comment)")
            case "returned": #expect(texts?.completion == "student" || texts?.returns.contains(comment) == true)
            default: break
            }
        }
        let due = Set(data.milestones.indices.filter { (data.milestones[$0].dueOn ?? Self.today) < Self.today })
        let expected = data.enrollments.reduce(0) { sum, enrollment in
            sum + due.count { data.milestones[$0].cohort == enrollment.cohort }
        }
        let done = data.progress.count {
            due.contains($0.milestone - 1) && ["completed", "waived"].contains($0.status)
        }
        #expect(done * 100 > expected * 85 && done < expected, "\(done) of \(expected)")
    }

    @Test func `histories follow the state machine and end in the present state`() {
        let data = DemoGenerator.make(slug: "northfield", today: Self.today)
        let steps: Set<String> = [
            "open submitted", "submitted completed", "submitted returned", "open waived", "open completed",
        ]
        var status: [String: String] = [:]
        for event in data.events {
            let key = "\(event.milestone)/\(event.student)"
            #expect(steps.contains("\(event.from) \(event.to)"))
            #expect(status[key] ?? "open" == event.from)
            status[key] = event.to
            if event.to == "returned" || event.to == "waived" { #expect(event.comment != nil) }
        }
        for row in data.progress { #expect(status["\(row.milestone)/\(row.student)"] == row.status) }
        #expect(status.count == data.progress.count)
    }
}
