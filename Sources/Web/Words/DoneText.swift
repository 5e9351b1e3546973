/// Text keys of the notices that say what was done.
enum DoneText: String, TextKey {
    static let feature = "done"

    case saved, savedDoubtful, retired, deleted, passwordSet, submit, withdraw, complete, created, added, removed,
        attached,
        detached,
        moved, imported, importedInviting, archived, restored, approved, returned, waived, reopened, revoked,
        passwordChanged,
        signedOutElsewhere, shownToStudents, hiddenFromStudents, undone, studentsAdded, studentsRemoved, takenOn,
        resent, milestonesCopied, milestoneShared, unshared, calendarRevoked, requested, granted, declined, invited,
        resetAsked, codesEnded, authenticatorTaken, signedOutThere, rosterWanted, erased, fileApproved, fileDeclined
}
