/// Text keys of the menu.
enum MenuText: String, TextKey {
    static let feature = "menu"

    case inbox, queue, students, cohorts, overview, setup, accounts, groups, departments, imports, settings, mails,
        reports, tokens, audit, card, directory, account
}
