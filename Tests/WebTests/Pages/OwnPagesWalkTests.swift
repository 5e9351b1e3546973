import Casework
import Foundation
import HTTPTypes
import Postgres
import Tenancy
import TestSupport
import Testing

/// Walks what each role is shown, from the start page by every link, and looks at every form: nothing leads to a refusal.
@Suite struct OwnPagesWalkTests {
    /// A college in which directors and managers have three kinds of cohorts: theirs to edit, seen, and hidden.
    private struct Scene {
        let place: TestInstitution
        let people: [String: TestInstitution.Person]

        init(delegated: Bool) async throws {
            place = try await TestInstitution.make()
            var people: [String: TestInstitution.Person] = [:]
            for role in ["admin", "director", "manager", "staff", "student"] {
                people[role] = try await place.person(role)
            }
            self.people = people
            guard let director = people["director"], let manager = people["manager"], let staff = people["staff"],
                let student = people["student"], let admin = people["admin"]
            else { throw CaseworkError.notFound }
            let own = try await place.group("Own", in: try await place.department("Science", directors: [director]))
            try await place.join(manager, own, asManager: true)
            for person in [staff, admin] { try await place.join(person, own) }
            let seen = try await place.group("Seen", in: try await place.department("Arts"))
            for person in [director, manager, staff] { try await place.join(person, seen) }
            // a director who manages a group of a department directed by others keeps its members, and nothing else
            let foreign = try await place.group("Foreign", in: try await place.department("Law"))
            try await place.join(director, foreign, asManager: true)
            try await place.join(staff, foreign)
            try await place.card(of: staff)
            for (name, groups) in [("Own", [own]), ("Seen", [seen]), ("Both", [own, seen]), ("Hidden", [])] {
                let cohort = try await place.cohort(name).id
                for group in groups {
                    try await place.run("insert into cohort_groups (cohort_id, group_id) values (\(cohort), \(group))")
                }
                try await place.enroll(student.id, in: cohort)
                try await place.run(
                    """
                    insert into milestones (cohort_id, title, saved, completion)
                    values (\(cohort), 'One', true, 'staff'), (\(cohort), 'Two', true, 'student'), (\(cohort), 'Three', true, 'staff')
                    """)
                try await place.run(
                    """
                    insert into progress (milestone_id, student_id, cohort_id, completion, status)
                    select id, \(student.id), cohort_id, completion, 'submitted' from milestones
                     where cohort_id = \(cohort) and title = 'Three'
                    """)
            }
            try await place.run("insert into cohort_categories (name) values ('Empty')")
            try await place.run(
                "update settings set student_visibility = true, cohort_delegation = \(delegated)::boolean")
        }

        func browser(_ role: String) throws -> Browser { place.client().asBrowser(try #require(people[role])) }
    }

    /// What an address asks for, whatever the values: of a list in every order and narrowed to everything, one of a kind.
    private func kind(_ address: String) -> String {
        let parts = address.split(separator: "?", maxSplits: 1)
        let names = (parts.dropFirst().first ?? "").split(separator: "&").map { $0.prefix { $0 != "=" } }
        return ([parts[0]] + names.sorted()).joined(separator: "?")
    }

    private func plain(_ html: Substring) -> String { String(html).replacing("&amp;", with: "&") }

    @Test(arguments: [
        ("admin", true), ("director", true), ("director", false), ("manager", true), ("manager", false),
        ("staff", true), ("student", true),
    ])
    func `every link and every form of one's pages is for oneself`(role: String, delegated: Bool) async throws {
        let scene = try await Scene(delegated: delegated)
        let browser = try scene.browser(role)
        // a form of an earlier sign-in of the same person is offered again (409) where the role may send it at all
        let earlier = try await scene.place.signIn(try #require(scene.people[role]).id).secret.csrfToken
        var waiting = ["/"]
        var known: Set<String> = ["/"]
        var forms: Set<String> = []
        var pages = 0
        while let path = waiting.popLast(), pages < 400 {
            pages += 1
            let page = try await browser.get(path)
            #expect([200, 303].contains(page.status), "\(role), delegated \(delegated), GET \(path): \(page.status)")
            var links = page.text.matches(of: /href="(\/[^"#]*)/).map { plain($0.output.1) }
            if let location = page.headers[.location] { links.append(location) }
            for link in links where !link.hasPrefix("/assets/") && known.insert(kind(link)).inserted {
                waiting.append(link)
            }
            // the buttons of a preview are a student's, and disabled
            if path.contains("/preview") { continue }
            let tags = page.text.matches(of: /<form[^>]*>/).map(\.output).filter { $0.contains("method=\"post\"") }
            let targets = tags.compactMap { $0.firstMatch(of: /action="([^"]*)"/)?.output.1 }
            let others = page.text.matches(of: /formaction="([^"]*)"/).map(\.output.1)
            for target in (targets + others).map(plain) where target != "/language" && forms.insert(target).inserted {
                let answer = try await browser.post(target, [:], csrf: earlier)
                #expect(
                    answer.status == 409, "\(role), delegated \(delegated), POST \(target) on \(path): \(answer.status)"
                )
            }
        }
        #expect(waiting.isEmpty, "the walk is to end by itself")
        let expected = ["admin": 60, "director": 20, "manager": 20, "staff": 12, "student": 2][role] ?? 0
        #expect(pages >= expected, "\(pages) pages, \(forms.count) forms")
    }

    @Test(arguments: ["director", "manager"])
    func `who edits by delegation sees no button that an object refuses`(role: String) async throws {
        let scene = try await Scene(delegated: true)
        let browser = try scene.browser(role)
        for name in ["Own", "Both", "Seen"] {
            let id = try await scene.place.number("select id from cohorts where name = \(name)")
            let students = try await browser.get("/cohorts/\(id)/students")
            #expect(students.status == 200)
            #expect(!students.text.contains("add-students") && !students.text.contains("/remove"), "\(name)")
            let mayEdit = name != "Seen"
            let groups = try await browser.get("/cohorts/\(id)/support-groups").text
            for piece in ["/cohorts/\(id)/milestones\"", "/cohorts/\(id)/attach\"", "/cohorts/\(id)/detach"] {
                #expect(groups.contains(piece) == mayEdit, "\(name): \(piece)")
            }
            for tab in ["milestones", "attach", "details"] {
                let status = try await browser.get("/cohorts/\(id)/\(tab)").status
                #expect(status == (mayEdit ? 200 : 403), "\(name): \(tab)")
            }
        }
        let foreign = try await scene.place.number("select id from groups where name = 'Foreign'")
        let page = try await browser.get("/groups/\(foreign)").text
        #expect(!page.contains("/manager\"") && !page.contains("/delete\""), "members are theirs, the group is not")
        #expect(page.contains("/remove\"") == (role == "director"))
    }

    @Test(arguments: ["admin", "director", "manager"])
    func `whoever makes a cohort is led to a page of it`(role: String) async throws {
        let scene = try await Scene(delegated: true)
        let browser = try scene.browser(role)
        let category = try await scene.place.number("select id from cohort_categories where name = 'Empty'")
        let made = try await browser.post("/categories/\(category)/cohorts", ["name": "By \(role)"])
        #expect(made.status == 303)
        let next = try await browser.get(try #require(made.headers[.location]))
        #expect(next.status == 200 && next.text.contains("By \(role)"))
    }
}
