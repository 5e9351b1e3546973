import Casework
import Foundation
import Mail
import Postgres
import Tenancy
import TestSupport
import Testing

@testable import Web

/// A leap year of one institution by a clock that jumps from one thing to the next: the mails sent are those of a model that
/// knows neither the database nor its time zones.
@Suite struct MailYearTests {
    @Test(arguments: [1, 2, 3] as [UInt64])
    func `a year's mails are those of a short model`(seed: UInt64) async throws {
        var year = try await MailYear(seed: seed)
        try await year.run()
        #expect(year.sent == year.expected)
        #expect(year.sent.count > 50, "\(year.sent.count) mails")
    }
}

/// Zones whose clocks change in March and November, March and October, in the southern autumn, and never.
private let zones = ["America/New_York", "Europe/Madrid", "Pacific/Auckland", "Asia/Kolkata", "America/Los_Angeles"]

private struct MailYear {
    struct Item: Hashable, CustomStringConvertible {
        let student: Int
        let day: Int
        let milestones: [Int]
        var description: String { "student \(student) day \(day): \(milestones)" }
    }
    struct Milestone {
        var cohort: Int
        var dueOn: Int?
        var dueAfter: Int?
        var reminders: Set<Int>
    }
    struct Student {
        var joined: [Int: Date]
        var isActive = true
        var wants = true
        var status: [Int: String] = [:]
        var extended: [Int: Int] = [:]
    }

    var random: Fuzz
    let scene: MailScene
    var zone = "America/New_York"
    var hour = 8
    var isVisible = true
    var now = Date(timeIntervalSince1970: 1_830_297_600)  // 2028-01-01
    var doneOn: Int?
    var students: [Int: Student] = [:]
    var milestones: [Int: Milestone] = [:]
    let cohorts: [Int]
    var expected: [Item: Int] = [:]

    init(seed: UInt64) async throws {
        random = Fuzz(seed: seed, samples: [[UInt8]](), pieces: [])
        scene = try await MailScene.make()
        cohorts = [scene.cohort.id, scene.cohort.hidden]
        try await scene.place.run("delete from enrollments")
        try await scene.place.run("delete from milestones")
        try await scene.place.run("update settings set time_zone = \(zone), reminder_hour = \(hour)")
        for _ in 0..<6 { try await join() }
        for _ in 0..<6 { try await plan() }
    }

    /// What the mails say that were sent.
    var sent: [Item: Int] {
        var items: [Item: Int] = [:]
        for mail in scene.transport.mails {
            let parts = mail.messageID.split(whereSeparator: { $0 == "." || $0 == "@" })
            let day = parts.count > 2 ? Self.days(parts[1].split(separator: "-").compactMap { Int($0) }) : -1
            let found = String(decoding: mail.bytes, as: UTF8.self).split(separator: "\r\n")
                .compactMap { $0.hasPrefix("- M") ? Int($0.dropFirst(3)) : nil }
            items[Item(student: Int(parts[2]) ?? -1, day: day, milestones: found.sorted()), default: 0] += 1
        }
        return items
    }

    // MARK: The model: days are counted from 1970

    private static func days(_ parts: [Int]) -> Int {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let date = calendar.date(from: DateComponents(year: parts[0], month: parts[1], day: parts[2]))
        return Int((date?.timeIntervalSince1970 ?? 0) / 86_400)
    }
    private func text(_ day: Int) -> String {
        String(Date(timeIntervalSince1970: Double(day) * 86_400).formatted(.iso8601).prefix(10))
    }
    private var calendar: Calendar {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(identifier: zone) ?? .gmt
        return calendar
    }
    private func day(of moment: Date) -> Int {
        let parts = calendar.dateComponents([.year, .month, .day], from: moment)
        return Self.days([parts.year ?? 0, parts.month ?? 0, parts.day ?? 0])
    }
    private func moment(_ day: Int) -> Date {
        let parts = text(day).split(separator: "-").compactMap { Int($0) }
        return calendar.date(
            from: DateComponents(year: parts[0], month: parts[1], day: parts[2], hour: hour)) ?? .distantFuture
    }

    private mutating func expectMails() {
        let today = day(of: now)
        let latest = moment(today) <= now ? today : today - 1
        guard doneOn.map({ $0 < latest }) ?? true else { return }
        let since = max(doneOn ?? today - 1, today - 7)
        doneOn = latest
        guard isVisible else { return }
        for (id, student) in students where student.isActive && student.wants {
            let due = milestones.filter { number, milestone in
                guard let joined = student.joined[milestone.cohort],
                    ["open", "returned"].contains(student.status[number] ?? "open"),
                    let regular = milestone.dueOn ?? milestone.dueAfter.map({ day(of: joined) + $0 })
                else { return false }
                let due = max(regular, student.extended[number] ?? regular)
                guard due >= today else { return false }
                return milestone.reminders.contains {
                    due - $0 > since && due - $0 <= latest && due - $0 >= day(of: joined)
                }
            }
            if !due.isEmpty { expected[Item(student: id, day: latest, milestones: due.keys.sorted()), default: 0] += 1 }
        }
    }

    // MARK: The year

    mutating func run() async throws {
        let end = now + 366 * 86_400
        try await work()
        while now < end {
            // around noon, when no clock changes
            let change =
                moment(day(of: now) + Int.random(in: 1...3, using: &random)) + Double((12 - hour) * 3_600)
                + Double.random(in: 0..<3_600, using: &random)
            while let due = try await dueAt(), due <= change {
                now = max(now, due)
                try await work()
            }
            now = change
            try await something()
            try await scene.place.run("select schedule_work()")
            if let due = try await dueAt(), due <= now { try await work() }
        }
    }

    private func dueAt() async throws -> Date? {
        try await scene.place.owner(
            ("select work_at from waymark.institutions where id = \(scene.place.institution.id)" as SQL).value(
                Date.self))
    }

    private mutating func work() async throws {
        scene.clock.now = now
        expectMails()
        try await scene.work()
    }

    private mutating func something() async throws {
        let run = scene.place.run
        switch Int.random(in: 0..<23, using: &random) {
        case 0...4: try await plan()
        case 5, 6: try await join()
        case 7...9:
            guard let number = milestones.keys.sorted().randomElement(using: &random) else { return }
            let due = day(of: now) + Int.random(in: -3...40, using: &random)
            milestones[number]?.dueOn = due
            milestones[number]?.dueAfter = nil
            try await run(
                "update milestones set due_after_days = null, due_on = \(text(due))::text::date where id = \(number)")
        case 10:
            guard let number = milestones.keys.sorted().randomElement(using: &random) else { return }
            let reminders = self.reminders()
            milestones[number]?.reminders = reminders
            try await run("update milestones set reminders = \(Array(reminders)) where id = \(number)")
        case 11...14: try await step()
        case 20...22: try await extend()
        case 15:
            guard let id = students.keys.sorted().randomElement(using: &random), let student = students[id] else {
                return
            }
            students[id]?.isActive.toggle()
            try await run(
                "update accounts set status = \(student.isActive ? "suspended" : "active") where id = \(id)")
        case 16:
            guard let id = students.keys.sorted().randomElement(using: &random), let student = students[id] else {
                return
            }
            students[id]?.wants.toggle()
            try await run(
                """
                insert into mail_preferences (account_id, reminders) values (\(id), \(!student.wants))
                on conflict (account_id) do update set reminders = excluded.reminders
                """)
        case 17:
            isVisible.toggle()
            try await run("update settings set student_visibility = \(isVisible)")
        case 18:
            zone = zones.randomElement(using: &random) ?? zone
            try await run("update settings set time_zone = \(zone)")
        default:
            hour = [2, 8, 17].randomElement(using: &random) ?? 8
            try await run("update settings set reminder_hour = \(hour)")
        }
        if !isVisible, random.chance(60) {
            isVisible = true
            try await run("update settings set student_visibility = true")
        }
    }

    private mutating func reminders() -> Set<Int> { Set([1, 2, 7, 14, 30].filter { _ in random.chance(50) }) }

    private mutating func plan() async throws {
        let cohort = cohorts[Int.random(in: 0...1, using: &random)]
        var milestone = Milestone(cohort: cohort, reminders: reminders())
        if random.chance(70) {
            milestone.dueOn = day(of: now) + Int.random(in: 0...60, using: &random)
        } else {
            milestone.dueAfter = Int.random(in: 0...60, using: &random)
        }
        let number = try await scene.place.number(
            """
            insert into milestones (cohort_id, title, due_on, due_after_days, reminders, saved)
            values (\(cohort), 'M', \(milestone.dueOn.map(text))::text::date, \(milestone.dueAfter),
                \(Array(milestone.reminders)), true) returning id
            """)
        try await scene.place.run("update milestones set title = 'M' || id where id = \(number)")
        milestones[number] = milestone
    }

    private mutating func join() async throws {
        let id = try await scene.place.account("student", email: "s\(students.count)@example.edu")
        var student = Student(joined: [:])
        for cohort in cohorts where student.joined.isEmpty || random.chance(40) {
            student.joined[cohort] = now
            try await scene.place.run(
                "insert into enrollments (cohort_id, student_id, joined_at) values (\(cohort), \(id), \(now))")
        }
        students[id] = student
    }

    /// Some student's milestone.
    private mutating func somebody() -> (student: Int, milestone: Int)? {
        guard let id = students.keys.sorted().randomElement(using: &random), let student = students[id],
            let number = milestones.keys.sorted().filter({ key in
                milestones[key].map { student.joined[$0.cohort] != nil } ?? false
            }).randomElement(using: &random)
        else { return nil }
        return (id, number)
    }

    private mutating func extend() async throws {
        guard let (id, number) = somebody() else { return }
        let day = random.chance(25) ? nil : day(of: now) + Int.random(in: -3...60, using: &random)
        students[id]?.extended[number] = day
        try await scene.place.run(
            """
            insert into extensions (milestone_id, student_id, cohort_id, status, due_on)
            select id, \(id), cohort_id, \(day == nil ? "revoked" : "granted"), \(day.map(text))::text::date
              from milestones where id = \(number)
            on conflict (milestone_id, student_id) do update set status = excluded.status, due_on = excluded.due_on
            """)
    }

    private mutating func step() async throws {
        guard let (id, number) = somebody() else { return }
        let status = ["submitted", "returned", "completed", "waived", "open"].randomElement(using: &random) ?? "open"
        students[id]?.status[number] = status
        try await scene.place.run(
            """
            insert into progress (milestone_id, student_id, cohort_id, completion, status)
            select id, \(id), cohort_id, completion, \(status) from milestones where id = \(number)
            on conflict (milestone_id, student_id) do update set status = excluded.status
            """)
    }
}
