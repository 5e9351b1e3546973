/// Text keys of a student's record.
enum StudentText: String, TextKey {
    static let feature = "students"

    case title, text, find, number, none, milestones, history, act, commentHint, noMilestones, network, whyTitle,
        why, whyRole, audited, step, somebody, noEvents, suspended, cohorts, moreSteps, noNetwork, whyDirects,
        whyAdmin, looks, allLooks, undone, others, allDone, retired,
        file, count, everybody, views, saveView, viewName, deleteView, deleteViewText, approve, approveText,
        nothingWaits, takeOn, mine, nameContact, nameContactText, contactIn, nobodyInParticular,
        addresses, addressesText, backToList, changeCohort, chooseCohort, addToCohort,
        removeFromCohort, sortBy, dueSoon, never, neverSignedIn, inNoCohort, columnName, columnEmail, columnProgress,
        columnDone, columnOf, columnOverdue, columnWaiting, columnSignedIn, columnContact
}
