/// Random numbers that come again with the same seed (SplitMix64).
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }
}

/// A small institution in plain arrays. What it means is `Oracle`'s.
struct World: Sendable {
    struct Person: Sendable { let id: Int, role: String, status: String }
    struct Card: Sendable { let account: Int, published: Bool }
    struct Group: Sendable { let id: Int, department: Int?, archived: Bool }
    struct Member: Sendable { let group: Int, account: Int, manager: Bool }
    struct Cohort: Sendable { let id: Int, archived: Bool, creator: Int?, supportedOnce: Bool }
    struct Enrollment: Sendable { let cohort: Int, student: Int, active: Bool }
    struct Milestone: Sendable { let id: Int, cohort: Int, saved: Bool, completion: String }
    struct File: Sendable { let id: Int, milestone: Int, complete: Bool }
    struct Progress: Sendable { let milestone: Int, student: Int, status: String }

    var visible = false, delegated = false
    var people: [Person] = []
    var cards: [Card] = []
    var departments: [Int] = []
    var directors: [(department: Int, account: Int)] = []
    var groups: [Group] = []
    var members: [Member] = []
    var categories: [Int] = [1, 2]
    var cohorts: [Cohort] = []
    var links: [(cohort: Int, group: Int)] = []
    var enrollments: [Enrollment] = []
    var milestones: [Milestone] = []
    var files: [File] = []
    var progress: [Progress] = []

    init(seed: UInt64) {
        var random = Seeded(seed: seed)
        visible = random.chance(60)
        delegated = random.chance(50)
        for id in 1...Int.random(in: 8...18, using: &random) {
            let roles = ["admin", "director", "manager", "manager", "staff", "staff", "student", "student", "student"]
            let statuses = ["active", "active", "active", "active", "active", "active", "suspended", "archived"]
            people.append(
                Person(
                    id: id, role: id == 1 ? "admin" : roles.randomElement(using: &random) ?? "staff",
                    status: statuses.randomElement(using: &random) ?? "active"))
        }
        let workers = people.filter { $0.role != "student" }
        cards = workers.filter { _ in random.chance(70) }.map { Card(account: $0.id, published: random.chance(70)) }
        departments = Array(1...3)
        for director in people where director.role == "director" {
            for department in departments where random.chance(40) { directors.append((department, director.id)) }
        }
        for id in 1...5 {
            groups.append(
                Group(
                    id: id, department: random.chance(75) ? Int.random(in: 1...3, using: &random) : nil,
                    archived: random.chance(20)))
            for worker in workers where random.chance(30) {
                members.append(Member(group: id, account: worker.id, manager: random.chance(40)))
            }
        }
        // In some worlds a scope can have more than twenty cohorts, from which on `caseload` looks another way.
        for id in 1...(random.chance(25) ? 40 : 5) {
            let maker = random.chance(40) ? workers.randomElement(using: &random)?.id : nil
            cohorts.append(
                Cohort(id: id, archived: random.chance(20), creator: maker, supportedOnce: random.chance(30)))
            for group in groups where random.chance(30) { links.append((id, group.id)) }
            for student in people where student.role == "student" && random.chance(50) {
                enrollments.append(Enrollment(cohort: id, student: student.id, active: random.chance(75)))
            }
            for number in 0..<Int.random(in: 0...3, using: &random) {
                milestones.append(
                    Milestone(
                        id: 1_000_000 + id * 10 + number, cohort: id, saved: random.chance(75),
                        completion: random.chance(50) ? "staff" : "student"))
            }
        }
        let states = ["open", "submitted", "returned", "completed", "waived"]
        for milestone in milestones {
            if random.chance(50) {
                files.append(File(id: milestone.id, milestone: milestone.id, complete: random.chance(70)))
            }
            for place in enrollments where place.cohort == milestone.cohort && random.chance(50) {
                progress.append(
                    Progress(
                        milestone: milestone.id, student: place.student,
                        status: states.randomElement(using: &random) ?? "open"))
            }
        }
    }

    func milestone(_ id: Int) -> Milestone? { milestones.first { $0.id == id } }
    func person(_ id: Int) -> Person? { people.first { $0.id == id } }
    func active(_ cohort: Int, _ student: Int) -> Bool {
        enrollments.contains { $0.cohort == cohort && $0.student == student && $0.active }
    }
}

extension World {
    /// The statements that make it, in an empty institution.
    var sql: String {
        func insert(_ table: String, _ columns: String, _ rows: [String]) -> String {
            rows.isEmpty
                ? ""
                : "insert into \(table) (\(columns)) overriding system value values \(rows.joined(separator: ", "));\n"
        }
        func word(_ id: Int) -> String { "'\(person(id)?.role ?? "")'" }
        func moment(_ set: Bool) -> String { set ? "now()" : "null" }
        let marks = progress.compactMap { mark in
            milestone(mark.milestone).map { step in
                """
                (\(mark.milestone), \(mark.student), \(step.cohort), \(active(step.cohort, mark.student)), \
                '\(step.completion)', '\(mark.status)')
                """
            }
        }
        let papers = files.compactMap { file in milestone(file.milestone).map { (file, $0) } }
        return "update settings set student_visibility = \(visible), cohort_delegation = \(delegated);\n"
            + insert(
                "accounts", "id, email, given_name, role, status",
                people.map { "(\($0.id), 'p\($0.id)@x.edu', 'P', '\($0.role)', '\($0.status)')" })
            + insert(
                "sessions", "token_hash, account_id, expires_at",
                people.map { "('\(Caller.hash(session: $0.id))', \($0.id), now() + interval '1 hour')" })
            + insert(
                "cards", "account_id, account_role, phone, published",
                cards.map { "(\($0.account), \(word($0.account)), '1', \($0.published))" })
            + insert("departments", "id, name", departments.map { "(\($0), 'd\($0)')" })
            + insert(
                "department_directors", "department_id, account_id",
                directors.map { "(\($0.department), \($0.account))" })
            + insert(
                "groups", "id, name, department_id, archived_at",
                groups.map {
                    "(\($0.id), 'g\($0.id)', \($0.department.map(String.init) ?? "null"), \(moment($0.archived)))"
                })
            + insert(
                "group_members", "group_id, account_id, account_role, manager",
                members.map { "(\($0.group), \($0.account), \(word($0.account)), \($0.manager))" })
            + insert("cohort_categories", "id, name", categories.map { "(\($0), 'k\($0)')" })
            + insert(
                "cohorts", "id, category_id, name, archived_at, created_by, created_at",
                cohorts.map {
                    """
                    (\($0.id), 1, 'c\($0.id)', \(moment($0.archived)), \($0.creator.map(String.init) ?? "null"), \
                    now() - interval '1 day')
                    """
                })
            + insert(
                "audit", "action, subject",
                cohorts.filter(\.supportedOnce).map { "('attachment.create', 'cohort/\($0.id)')" })
            + insert("cohort_groups", "cohort_id, group_id", links.map { "(\($0.cohort), \($0.group))" })
            + insert(
                "enrollments", "cohort_id, student_id, left_at",
                enrollments.map { "(\($0.cohort), \($0.student), \(moment(!$0.active)))" })
            + insert(
                "milestones", "id, cohort_id, title, completion, saved",
                milestones.map { "(\($0.id), \($0.cohort), 'm', '\($0.completion)', \($0.saved))" })
            + insert(
                "milestone_files", "id, cohort_id, milestone_id, milestone_saved, name, content_type, complete",
                papers.map { "(\($0.id), \($1.cohort), \($1.id), \($1.saved), 'f', 't', \($0.complete))" })
            + insert(
                "file_chunks", "file_id, n, cohort_id, milestone_saved, bytes",
                papers.map { "(\($0.id), 0, \($1.cohort), \($1.saved), '\\x01')" })
            + insert("progress", "milestone_id, student_id, cohort_id, enrolled, completion, status", marks)
                + """
                insert into progress_events (milestone_id, student_id, cohort_id, enrolled, from_status, to_status)
                  select milestone_id, student_id, cohort_id, enrolled, 'open', status from progress
                """
    }
}
