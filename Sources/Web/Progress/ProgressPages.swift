import Casework
import Foundation
import HTTPTypes
import Hummingbird
import Tenancy

/// The staff's queue of completion requests, answered one by one or many at once.
enum ProgressPages {
    static let routes: [PageRoute] = [
        .get("/queue", .signedIn(.casework)) { try await queue($0) },
        .post("/queue", .signedIn(.casework)) { visit in
            do {
                let answer = try QueueAnswer(visit)
                guard answer.action != .reopen else { throw CaseworkError.notFound }
                let answers = try await answer.give(visit)
                guard answers.refused.isEmpty else {
                    return try await queue(
                        visit, answer.report(answers, visit.words), refused: answers.refused.map(\.key))
                }
                let address = try QueuePlace(visit).address(without: answers.done.map(\.key))
                return answer.redirect(visit, to: "\(address)#\(answer.next?.anchor ?? "requests")", answers)
            } catch CaseworkError.invalid(let problems) {
                return try await queue(visit.with(problems))
            }
        },
    ]

    /// How many requests one page shows: what a person reads, and what travels in 60 KiB.
    private static let shown = 40

    /// - Parameter refused: what could not be answered; it stays ticked, and what was typed stays in its field, or stands
    ///   above where that has gone with its request.
    private static func queue(
        _ visit: Visit, _ report: QueuePage.Report? = nil, refused: [ProgressKey]? = nil
    ) async throws -> Response {
        let place = try QueuePlace(visit)
        // Whose students are thousands looks at the overview; counting them here, each time, would make the queue wait.
        let (viewer, queue, caseload, extensions) = try await visit.read(
            QueueRepository.waiting(place.filter, PageRequest(limit: shown, after: place.cursor)),
            CaseloadRepository.summary(upTo: 2_000), ExtensionRepository.count)
        let waiting = queue.page
        // what stood here has been answered: the queue goes on at its beginning
        if waiting.items.isEmpty, place.cursor != nil, visit.call.request.method != .post {
            return visit.redirect("/queue")
        }
        let page = QueuePage(
            visit: visit, today: viewer.today, place: place, items: waiting.items, next: waiting.next,
            contents: queue.contents, caseload: caseload, extensions: extensions, report: report, refused: refused)
        return visit.page(
            title: visit.words[ProgressText.queue], viewer: viewer, current: "/queue",
            givenBack: orphans(visit, waiting.items)
        ) {
            page.html
        }
    }

    /// Comments whose fields have gone with their requests.
    private static func orphans(_ visit: Visit, _ items: [QueueItem]) -> GivenBack? {
        let names = Set(items.map { QueueAnswer.field($0.key) })
        let orphans = visit.form.fields.filter { name, _ in
            name == "comment" ? items.isEmpty : name.hasPrefix("comment-") && !names.contains(name)
        }
        return GivenBack(
            orphans.sorted { $0.key < $1.key }.flatMap { name, values in values.map { (visit.words.label(name), $0) } })
    }
}
