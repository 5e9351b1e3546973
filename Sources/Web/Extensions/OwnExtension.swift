import Casework
import Dates

/// The student's side of an extension, on the card of a milestone that is still to be done: how it stands, and the form that
/// asks or takes back.
struct OwnExtension {
    let visit: Visit
    let item: Dashboard.Item
    let today: CalendarDate
    /// Whether its form was sent and comes again.
    let comesAgain: Bool
    let isPreview: Bool

    private var words: Catalogue { visit.words }
    private var address: String { "/milestones/\(item.id)/extension" }
    private var version: Version {
        let stored = item.extended?.version ?? Version(0)
        return comesAgain && !visit.problems.isOutdated ? visit.seen ?? stored : stored
    }

    @HTMLBuilder var html: HTML {
        if item.status == .open || item.status == .returned, item.dueOn != nil {
            if let given = item.extended {
                ExtensionNote(given: given, regular: item.regularDueOn, due: item.dueOn, today: today, words: words)
                    .html
            }
            if item.extended?.status == .asked { taking } else { asking }
        }
    }

    private var taking: HTML {
        visit.postForm(to: "\(address)/withdraw") {
            hiddenField("version", String(version.number))
            submitButton(words[ExtensionText.withdraw], .quiet, of: item.title, .if(isPreview, .disabled))
        }
    }

    private var asking: HTML {
        details(.if(comesAgain, .open)) {
            summary {
                words[ExtensionText.ask]
                visuallyHidden(": \(item.title)")
            }
            visit.postForm(.class("confirm"), to: "\(address)/request") {
                hiddenField("version", String(version.number))
                ExtensionFields(
                    visit: visit, key: ProgressKey(milestone: item.id, student: visit.call.account), day: .wishedDate,
                    word: .reason, comesAgain: comesAgain, isPreview: isPreview
                ).html
                actions { submitButton(words[ExtensionText.send], .plain, of: item.title, .if(isPreview, .disabled)) }
            }
        }
    }
}
