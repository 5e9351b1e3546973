import Dates
import Postgres

/// What the demo's students did about their milestones, with the history that led there.
struct DemoProgress {
    private let data: DemoData
    private let today: CalendarDate
    private var random: DemoRandom
    private(set) var progress: [DemoData.Progress] = []
    private(set) var events: [DemoData.Event] = []

    private static let hour = 3_600
    private static let day = 86_400

    init(data: DemoData, today: CalendarDate, random: DemoRandom) {
        self.data = data
        self.today = today
        self.random = random
    }

    /// The states the shown student is in, one milestone after the other; the rest stay open.
    private static let shown = ["completed", "returned", "submitted", "open", "waived", "open"]

    mutating func make() {
        let shownStudent = data.ids("student").first
        var order = 0
        let answering = Dictionary(uniqueKeysWithValues: data.cohorts.indices.map { ($0 + 1, staff(of: $0 + 1)) })
        for enrollment in data.enrollments {
            for (index, milestone) in data.milestones.enumerated() where milestone.cohort == enrollment.cohort {
                var status = drawn(dueIn: milestone.dueOn.map { $0.daysSince1970 - today.daysSince1970 } ?? 30)
                if enrollment.student == shownStudent {
                    status = order < Self.shown.count ? Self.shown[order] : "open"
                    order += 1
                }
                guard status != "open" else { continue }
                let staff = answering[enrollment.cohort] ?? []
                record(
                    index + 1, enrollment.student, status, staff: staff, selfService: milestone.completion == "student",
                    dueDaysAgo: milestone.dueOn.map { today.daysSince1970 - $0.daysSince1970 } ?? 0)
            }
        }
    }

    /// Members of the groups that support a cohort: those who may answer.
    private func staff(of cohort: Int) -> [Int] {
        let groups = Set(data.support.filter { $0[0] == cohort }.map { $0[1] })
        return data.memberships.filter { groups.contains($0.group) }.map(\.account)
    }

    /// A college that does well: of what is due, one in nine is open, returned or waits.
    private mutating func drawn(dueIn days: Int) -> String {
        let roll = Int.random(in: 0..<100, using: &random)
        let steps: [(Int, String)] =
            days < 0
            ? [(86, "completed"), (93, "submitted"), (95, "returned"), (98, "waived")]
            : days < 21
                ? [(38, "completed"), (58, "submitted"), (61, "returned"), (63, "waived")]
                : [(12, "completed"), (17, "submitted"), (18, "returned")]
        return steps.first { roll < $0.0 }?.1 ?? "open"
    }

    private mutating func any(of texts: [String]?) -> String? {
        texts.flatMap { $0.isEmpty ? nil : random.one(of: $0) }
    }

    private mutating func record(
        _ milestone: Int, _ student: Int, _ status: String, staff: [Int], selfService: Bool, dueDaysAgo: Int
    ) {
        let onTime = status == "completed" && dueDaysAgo > 0 && random.chance(85)
        let end =
            (onTime ? dueDaysAgo * Self.day : 0)
            + Int.random(in: 2 * Self.hour...(onTime ? 9 : 25) * Self.day, using: &random)
        let before = end + Int.random(in: 3 * Self.hour...4 * Self.day, using: &random)
        let texts = DemoTexts.milestones.first { $0.title == data.milestones[milestone - 1].title }
        let note = random.chance(60) ? any(of: texts?.submissions) : nil
        let answering = random.one(of: staff)
        var comment: String?
        func event(_ from: String, _ to: String, _ actor: Int, _ comment: String?, _ secondsAgo: Int) -> DemoData.Event
        {
            .init(
                milestone: milestone, student: student, actor: actor, from: from, to: to, comment: comment,
                secondsAgo: secondsAgo)
        }
        switch status {
        case "submitted":
            comment = note
            events.append(event("open", "submitted", student, note, end))
        case "returned":
            comment = any(of: texts?.returns) ?? "Please send it again with what is missing."
            events.append(event("open", "submitted", student, note, before))
            events.append(event("submitted", "returned", answering, comment, end))
        case "waived":
            comment = random.one(of: DemoTexts.waivers)
            events.append(event("open", "waived", answering, comment, end))
        default:
            if selfService {
                events.append(event("open", "completed", student, nil, end))
            } else {
                comment = random.chance(50) ? random.one(of: DemoTexts.approvals) : nil
                if random.chance(85) {
                    events.append(event("open", "submitted", student, note, before))
                    events.append(event("submitted", "completed", answering, comment, end))
                } else {
                    events.append(event("open", "completed", answering, comment, end))
                }
            }
        }
        progress.append(
            .init(milestone: milestone, student: student, status: status, comment: comment, secondsAgo: end))
    }
}
