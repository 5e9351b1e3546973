import Casework

/// On one's own account: the secret address of one's calendar, made, renewed and ended.
struct CalendarCard {
    let visit: Visit
    let viewer: Viewer
    let feed: CalendarFeed?
    /// The one just made.
    let made: NewCalendar?

    private var words: Catalogue { visit.words }

    var html: HTML {
        card("calendar", words[CalendarText.heading]) {
            p(.class("hint")) { words[viewer.role == "student" ? CalendarText.textStudent : .textStaff] }
            if let made { address(of: made) }
            if let feed {
                if made == nil {
                    p { words[CalendarText.since, ["time": words.instant(feed.createdAt, zone: viewer.timeZone)]] }
                }
                div(.class("row")) {
                    visit.confirmation(
                        words[CalendarText.renew], words[CalendarText.renewText], at: "/account/calendar"
                    ) {
                        visit.postForm(to: "/account/calendar") { submitButton(words[CalendarText.renew]) }
                    }
                    visit.removal(
                        words[CalendarText.revoke], words[CalendarText.revokeText], at: "/account/calendar/revoke")
                }
            } else {
                visit.postForm(to: "/account/calendar") { submitButton(words[CalendarText.make]) }
            }
        }
    }

    private func address(of made: NewCalendar) -> HTML {
        div(.class("notice"), .role("status")) {
            p { words[CalendarText.once] }
            div(.class("field")) {
                label(.for("calendar-address")) { words[CalendarText.address] }
                input(.id("calendar-address"), .type("text"), .readOnly, .value(made.address))
            }
        }
    }
}
