/// Text keys of CSV files.
enum ImportText: String, TextKey {
    static let feature = "imports"

    case title, text, choose, file, hint, check, sending, reading, lost, progress, preview, left, added,
        updated, unchanged, failed, store, rejected, line, why, repair, repairHint, unknown, invalid, missing, suspend,
        missingPeople, format, encoding, utf8, utf16le, utf16be, windows1252, delimiter, comma, semicolon, tab,
        unmatched, column, columns, firstRows, holds, nothing, checkAgain, kinds, students, staff, staffTitle,
        staffHint,
        roster, rosterTitle, rosterHint, rosterFile, rules, rulesText, leftOut, become, roleTeacher,
        roleAide, roleCounselor, roleProctor, rolePrincipal, roleAdministrator, classCategory, noCategory, classType,
        allTypes, homeroom, scheduled, classText, saveRules,
        skipped, suspended, leaving, suspendRoster, scim, folder,
        waiting, waitingTitle, waitingText, noneWaiting, noneWaitingText, waitsUntil, sentAt, notReadYet, goOn,
        throwAway,
        throwAwayText, mendedRows, archived, invite, invited
    case notAStudent = "not-a-student"
}
