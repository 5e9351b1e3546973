/// Text keys of what stands on every page.
enum ShellText: String, TextKey {
    static let feature = "shell"

    case skip, crumbs, menu, navigation, problems, error, signOut, directory, caseManagement, institution, you, today,
        tomorrow, yesterday, inDays, daysAgo, next, first, search, save, cancel, optional, yes, no, all,
        pages, givenBack, givenBackCut, changed, changedText, stored, storedNothing, undo, notPossible, fieldSays,
        inTheWay, find, findText, findLabel,
        findNothing, findPages, zone
}
