import Casework
import Dates

/// What stands around a page's content. It depends on who looks.
enum Layout {
    /// A narrow column for strangers.
    case plain
    /// The student's column, with what is unread in the inbox; nil where there is none yet. A preview shows it to somebody else:
    /// its links and buttons are out of use.
    case student(institution: String, name: String, today: CalendarDate, unread: Int?, csrf: String, isPreview: Bool)
    /// Everybody else's: the menu at the left. `current` is the address of the entry to mark.
    case staff(Viewer, current: String, csrf: String)

    /// The institution's name, which ends the title.
    var institution: String? {
        switch self {
        case .plain: nil
        case .student(let institution, _, _, _, _, _): institution
        case .staff(let viewer, _, _): viewer.institution
        }
    }

    /// The body element: the page's messages and content.
    /// - Parameter icons: where the menu's pictures are.
    func around(_ words: Catalogue, icons: String, @HTMLBuilder content: Content) -> HTML {
        switch self {
        case .plain: plain(words, content())
        case .student(let institution, let name, let today, let unread, let csrf, let isPreview):
            student(
                words, institution, name, unread, csrf, isPreview,
                labelled("\(institution) · \(name) · \(words.date(today))", content()))
        case .staff(let viewer, let current, let csrf):
            staff(
                words, Menu(words: words, viewer: viewer, current: current, icons: icons), csrf,
                labelled("\(viewer.institution) · \(viewer.name) · \(words.date(viewer.today))", content()))
        }
    }

    /// The content; on paper, which has no header with names, a line above it says where, for whom and when it was printed.
    @HTMLBuilder private func labelled(_ line: String, _ content: HTML) -> HTML {
        p(.class("paper-only")) { line }
        content
    }

    private func plain(_ words: Catalogue, _ content: HTML) -> HTML {
        body(.class("column narrow")) {
            skipLink(words)
            header(.class("top")) { a(.class("brand"), .href("/")) { "Waymark" } }
            content
        }
    }

    private func student(
        _ words: Catalogue, _ institution: String, _ name: String, _ unread: Int?, _ csrf: String, _ isPreview: Bool,
        _ content: HTML
    ) -> HTML {
        body(.class("column")) {
            skipLink(words)
            header(.class("top")) {
                a(.class("brand"), .if(!isPreview, .href("/"))) { institution }
                nav(.ariaLabel(words[ShellText.navigation])) {
                    if unread != nil || isPreview {
                        a(.if(!isPreview, .href("/inbox"))) {
                            words[MenuText.inbox]
                            Menu.count(unread, upTo: InboxRepository.mostCounted)
                        }
                    }
                    a(.if(!isPreview, .href("/directory"))) { words[ShellText.directory] }
                    a(.class("avatar"), .if(!isPreview, .href("/account")), .title(name)) {
                        span(.ariaHidden) { name.initials }
                        visuallyHidden(words[MenuText.account])
                    }
                    signOut(words, csrf, isPreview: isPreview)
                }
            }
            content
        }
    }

    private func staff(_ words: Catalogue, _ menu: Menu, _ csrf: String, _ content: HTML) -> HTML {
        let navigation = HTMLBuilder.buildArray([
            menu.html, h2 { menu.viewer.name }, signOut(words, csrf, isPreview: false),
        ])
        return body(.class("app")) {
            skipLink(words)
            div(.class("shell")) {
                header(.class("side")) {
                    div(.class("side-inner")) {
                        a(.class("brand"), .href("/")) { menu.viewer.institution }
                        a(.class("find"), .href("/find"), .data("find"), .if(menu.current == "/find", .currentPage)) {
                            icon("\(menu.icons)#find")
                            words[ShellText.find]
                            kbd(.ariaHidden) { "Ctrl K" }
                        }
                        details(.class("menu-toggle narrow-only")) {
                            summary { words[ShellText.menu] }
                            nav(.ariaLabel(words[ShellText.navigation])) { navigation }
                        }
                        nav(.class("wide-only"), .ariaLabel(words[ShellText.navigation])) { navigation }
                    }
                }
                content
            }
        }
    }

    private func skipLink(_ words: Catalogue) -> HTML { a(.class("skip"), .href("#main")) { words[ShellText.skip] } }

    private func signOut(_ words: Catalogue, _ csrf: String, isPreview: Bool) -> HTML {
        postForm(to: "/sign-out", csrf: csrf) {
            submitButton(words[ShellText.signOut], .quiet, .if(isPreview, .disabled))
        }
    }
}
