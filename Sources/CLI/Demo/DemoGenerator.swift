import Dates
import Postgres

/// Makes a demo institution's people and work.
struct DemoGenerator {
    private let slug: String
    private let today: CalendarDate
    private let catalog: DemoCatalog
    private var random: DemoRandom
    private var names: Set<String> = []
    private var mailboxes: Set<String> = []
    private var data = DemoData()

    /// Everything of one institution, around a day.
    static func make(slug: String, today: CalendarDate) -> DemoData {
        var generator = DemoGenerator(slug: slug, today: today)
        generator.makeStaff()
        generator.makeStructure()
        generator.makeStudents()
        generator.makeMilestones()
        generator.makeProgress()
        return generator.data
    }

    private init(slug: String, today: CalendarDate) {
        self.slug = slug
        self.today = today
        catalog = DemoCatalog.of(slug)
        random = DemoRandom(seed: slug)
        data.name = catalog.name
        data.timeZone = catalog.timeZone
    }

    // MARK: People

    private mutating func account(_ role: String, email: String? = nil, number: String? = nil) -> Int {
        let name = DemoNames.next(&random, taken: &names)
        var mailbox = email ?? DemoNames.mailbox(name.given, name.family)
        var copy = 2
        while !mailboxes.insert(mailbox).inserted {
            mailbox = DemoNames.mailbox(name.given, name.family) + String(copy)
            copy += 1
        }
        // not the ones that the demo's visitors sign in as
        let preferred = email == nil && data.accounts.count % 3 == 0 ? DemoNames.preferred[name.given] : nil
        data.accounts.append(
            DemoData.Account(
                email: "\(mailbox)@\(slug).example", givenName: name.given, familyName: name.family,
                preferredName: preferred, role: role, studentNumber: number))
        return data.accounts.count
    }

    /// One admin, a director for each department, a manager for each group, two to four staff for each group.
    private mutating func makeStaff() {
        data.departments = catalog.departments
        data.groups = catalog.groups.map {
            DemoData.Group(name: $0.name, description: $0.description, department: $0.department + 1)
        }
        card(account("admin", email: "admin"), title: "Registrar", published: true)
        for department in data.departments.indices {
            let director = account("director", email: department == 0 ? "director" : nil)
            data.directorships.append([department + 1, director])
            card(director, title: "Director of \(data.departments[department])", published: true)
        }
        for group in data.groups.indices {
            let manager = account("manager", email: group == 0 ? "manager" : nil)
            data.memberships.append(.init(group: group + 1, account: manager, manager: true))
            card(manager, title: "Head of \(data.groups[group].name)", published: true)
        }
        for group in data.groups.indices {
            for number in 0..<Int.random(in: 2...4, using: &random) {
                let isShown = group == 1 && number == 0
                let person = account("staff", email: isShown ? "staff" : nil)
                data.memberships.append(.init(group: group + 1, account: person, manager: false))
                if number == 0, !isShown, group > 2 {  // some belong to two
                    data.memberships.append(
                        .init(group: (group + 2) % data.groups.count + 1, account: person, manager: false))
                }
                card(person, title: catalog.groups[group].title, published: isShown || random.chance(85))
            }
        }
        // The one shown is the first of the role, wherever their group stands in the list.
        guard let shown = data.accounts.firstIndex(where: { $0.email == "staff@\(slug).example" }),
            let first = data.ids("staff").first.map({ $0 - 1 }), shown != first
        else { return }
        exchange(first + 1, shown + 1)
    }

    /// Lets two accounts change places, with all that refers to them.
    private mutating func exchange(_ one: Int, _ other: Int) {
        let swap = { (id: Int) in id == one ? other : id == other ? one : id }
        data.accounts.swapAt(one - 1, other - 1)
        for index in data.memberships.indices {
            data.memberships[index].account = swap(data.memberships[index].account)
        }
        for index in data.cards.indices { data.cards[index].account = swap(data.cards[index].account) }
    }

    private mutating func card(_ account: Int, title: String, published: Bool) {
        let building = random.one(of: catalog.campus)
        let room = Int.random(in: 1...4, using: &random) * 100 + Int.random(in: 1...40, using: &random)
        let mailbox = data.accounts[account - 1].email.prefix { $0 != "@" }
        data.cards.append(
            DemoData.Card(
                account: account, title: title, office: "Room \(room)",
                email: data.accounts[account - 1].email,
                phone: "+1 507 555 0\(Int.random(in: 100...199, using: &random))", location: building,
                biography: random.one(of: DemoTexts.biographies), hours: random.one(of: DemoTexts.hours),
                bookingURL: random.chance(70) ? "https://booking.\(slug).example/\(mailbox)" : nil, published: published
            ))
    }

    // MARK: Cohorts

    private mutating func makeStructure() {
        data.categories = catalog.categories
        let year = today.year
        for (position, cohort) in catalog.cohorts.enumerated() {
            let name = cohort.name.replacing("{year}", with: String(year)).replacing("{last}", with: String(year - 1))
            data.cohorts.append(
                .init(
                    category: cohort.category + 1, name: name, goal: cohort.goal,
                    plannedMilestones: cohort.milestones.count))
            for group in cohort.groups { data.support.append([position + 1, group + 1]) }
        }
    }

    /// The first student is the one shown: in the first two cohorts, so that several groups and states are seen.
    private mutating func makeStudents() {
        for number in 0..<240 {
            let student = account(
                "student", email: number == 0 ? "student" : nil,
                number: "\(slug.prefix(1).uppercased())\(100_000 + number * 37)")
            let first = number == 0 ? 0 : Int.random(in: 0..<data.cohorts.count, using: &random)
            enroll(student, in: first)
            if number == 0 {
                enroll(student, in: 1)
            } else if random.chance(25) {
                enroll(
                    student, in: (first + Int.random(in: 1..<data.cohorts.count, using: &random)) % data.cohorts.count)
            }
        }
    }

    private mutating func enroll(_ student: Int, in cohort: Int) {
        data.enrollments.append(
            .init(cohort: cohort + 1, student: student, joinedDaysAgo: Int.random(in: 60...90, using: &random)))
    }

    // MARK: Milestones

    private mutating func makeMilestones() {
        for (position, cohort) in catalog.cohorts.enumerated() {
            // spread from 40 days ago to 60 days ahead; the last one has no date in every third cohort
            let gap = 100 / (cohort.milestones.count - 1)
            for (order, index) in cohort.milestones.enumerated() {
                let text = DemoTexts.milestones[index]
                let isLast = order == cohort.milestones.count - 1
                let undated = isLast && position % 3 == 2
                let shift = order == 0 || isLast ? 0 : Int.random(in: -4...4, using: &random)
                data.milestones.append(
                    .init(
                        cohort: position + 1, title: text.title,
                        dueOn: undated ? nil : today.adding(days: isLast ? 60 : -40 + order * gap + shift),
                        description: text.description,
                        reminders: undated
                            ? []
                            : random.one(of: [[1, 7], [1, 2, 7], [7, 14], [1, 7, 30], [2, 14], [1, 2, 7, 14, 30]]),
                        completion: text.completion))
                if let file = text.file {
                    data.files.append(
                        .init(
                            milestone: data.milestones.count, name: file,
                            contentType: file.hasSuffix(".pdf") ? "application/pdf" : "text/plain",
                            content: DemoTexts.content(of: file, title: text.title)))
                }
            }
        }
    }

    private mutating func makeProgress() {
        var maker = DemoProgress(data: data, today: today, random: random)
        maker.make()
        data.progress = maker.progress
        data.events = maker.events.sorted { $0.secondsAgo > $1.secondsAgo }  // ids follow time
    }
}
