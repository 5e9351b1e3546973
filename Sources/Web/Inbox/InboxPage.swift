import Casework
import Foundation

/// The inbox: entries with why they came and where they lead, each to be marked as read, or all at once.
struct InboxPage {
    let visit: Visit
    let viewer: Viewer
    let entries: [InboxEntry]
    let next: Cursor?
    let unreadOnly: Bool

    private var words: Catalogue { visit.words }
    private var here: String { unreadOnly ? "/inbox?unread=true" : "/inbox" }

    @HTMLBuilder var html: HTML {
        pageHead(words[InboxText.title], text: words[InboxText.text]) {
            if let newest = entries.first, entries.contains(where: \.isUnread) { markAll(until: newest.at) }
        }
        filters(
            words[InboxText.show],
            [
                Tab(text: words[InboxText.everything], address: "/inbox", isCurrent: !unreadOnly),
                Tab(text: words[InboxText.unread], address: "/inbox?unread=true", isCurrent: unreadOnly),
            ])
        if entries.isEmpty {
            emptyCard(words[unreadOnly ? InboxText.nothingUnread : .nothing]) { p { words[InboxText.nothingText] } }
        } else {
            section(.class("card"), .ariaLabel(words[InboxText.title])) {
                ul(.class("rows")) {
                    for entry in entries { InboxRow(visit: visit, viewer: viewer, entry: entry, here: here).html }
                }
                visit.pager(next)
            }
        }
    }

    private func markAll(until moment: Date) -> HTML {
        visit.postForm(to: "/inbox/read") {
            // rounded, because it is a binary fraction that may lie a hair below its millisecond
            hiddenField(
                "until",
                moment.addingTimeInterval(0.000_5).formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
            hiddenField("to", here)
            submitButton(words[InboxText.markAll])
        }
    }
}

/// One entry.
struct InboxRow {
    let visit: Visit
    let viewer: Viewer
    let entry: InboxEntry
    /// The address of the list.
    let here: String

    private var words: Catalogue { visit.words }
    private var isStudent: Bool { viewer.role == "student" }

    var html: HTML {
        li(.class("row spread")) {
            div {
                if entry.isUnread {
                    tag(Tag(text: words[InboxText.new], tone: .info))
                    " "
                }
                if let address { a(.href(address)) { sentence } } else { b { sentence } }
                if let comment = entry.comment { p(.class("prose small")) { "“\(comment)”" } }
                span(.class("fact")) {
                    "\(why) · "
                    time(.dateTime(entry.at.machineText)) { words.instant(entry.at, zone: viewer.timeZone) }
                }
            }
            if entry.isUnread {
                visit.postForm(to: "/inbox/read") {
                    hiddenField("ids", entry.id)
                    hiddenField("to", here)
                    submitButton(words[InboxText.markRead], .quiet, of: sentence)
                }
            }
        }
    }

    /// What happened.
    private var sentence: String {
        var values = [
            "who": entry.person ?? words[StudentText.somebody], "cohort": entry.cohort?.name ?? "",
            "title": entry.milestone?.title ?? "", "group": entry.group ?? "",
        ]
        switch (entry.kind, entry.event) {
        case (.extensionRequest, _): return words[InboxText.extensionRequest, values]
        case (_, .granted?): return words[InboxText.granted, values]
        case (_, .declined?): return words[InboxText.declined, values]
        case (_, .revoked?): return words[InboxText.revoked, values]
        case (.request, _): return words[InboxText.request, values]
        case (.unanswered, _): return words[InboxText.unanswered, values, n: entry.number]
        case (.mail, _): return words[InboxText.mail, n: entry.number]
        case (_, .completed?): return words[InboxText.completed, values]
        case (_, .returned?): return words[InboxText.returned, values]
        case (_, .waived?): return words[InboxText.waived, values]
        case (_, .reopened?): return words[InboxText.reopened, values]
        case (_, .groupAttached?): return words[InboxText.attached, values]
        case (_, .groupDetached?): return words[InboxText.detached, values]
        case (_, .joinedGroup?): return words[InboxText.joined, values]
        case (_, .leftGroup?): return words[InboxText.left, values]
        case (_, nil):
            values["what"] = entry.id
            return words[InboxText.other, values]
        }
    }

    /// Why it came to this reader.
    private var why: String {
        let values = ["cohort": entry.cohort?.name ?? "", "group": entry.group ?? ""]
        switch entry.kind {
        case .request, .extensionRequest:
            return words[viewer.role == "admin" ? InboxText.whyAdmin : .whyRequest, values]
        case .unanswered: return words[InboxText.whyUnanswered]
        case .mail: return words[InboxText.whyMail]
        case .answer, .extension: return words[InboxText.whyAnswer, values]
        case .support: return words[isStudent ? InboxText.whySupport : .whyGroup, values]
        }
    }

    /// Where it leads; nil where the reader may go no further.
    private var address: String? {
        switch entry.kind {
        case .request, .extensionRequest:
            guard let milestone = entry.milestone?.id, let student = entry.studentID else { return "/queue" }
            return "/students/\(student)#\(ProgressKey(milestone: milestone, student: student).anchor)"
        case .unanswered:
            guard entry.isInScope, let cohort = entry.cohort?.id else { return nil }
            return (viewer.editsCohorts ? CohortTab.attach : .supportGroups).address(in: cohort)
        case .mail: return "/mails?state=failed"
        case .answer, .extension: return entry.milestone.map { "/dashboard#milestone-\($0.id)" } ?? "/dashboard"
        case .support:
            if isStudent { return "/dashboard#help" }
            return entry.event == .groupAttached
                ? entry.cohort.map { CohortTab.progress.address(in: $0.id) } ?? "/queue" : "/queue"
        }
    }
}
