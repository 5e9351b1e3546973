/// Text keys of the queue, the overview and the states of progress.
enum ProgressText: String, TextKey {
    static let feature = "progress"

    case queue, waiting, waitingForYou, old, requests, approveSelected, select, student, milestone, sent, due,
        answer, comment, none, noneText, overview, overviewText, cohorts, cohort, students, overdue,
        waitingShort, completed, oldest, noCohorts, nobody, open, submitted, returned, waived, inScope,
        more, moreLater, studentsOverdue, doneOnTime, selectAll, otherSelected, returnSelected, waiveSelected,
        commentForAll, commentHint, noneDone, notDone, nowState, nowStateBy, forbidden,
        gone, archived, retired, notTried, unknown, onTime, groups, group, dueSoon, burnUp, burnUpDone, burnUpPlanned,
        burnUpSummary, standing, overTime, courseText, noCourse, asTable, until, planned, show,
        countStudents, countMilestones, milestones, doneOf, completedHead, otherAnswer, sentAgain, tooLate,
        notUndone, back,
        approveGroup, note, narrow, everyMilestone, everyCohort, everyGroup, anyAge, olderThan, chosen, noneAsked,
        showWhole, keys, keyNext, keyPrevious, keyApprove, keyOther, keyUndo, keySearch, keyHelp, keysOn, close,
        plan, change, shareOverdue, narrowOverview, category, everyCategory, period, sinceDays, sum, onPlan, behind,
        ofDue,
        nothingDue, kind, name, within, past, pastDone, planPercent, planBefore, total, countFiles, files
    case doComplete = "do-complete"
    case doReturn = "do-return"
    case doWaive = "do-waive"
    case doReopen = "do-reopen"
    case statStudents = "stat-students"
    case statDueSoon = "stat-dueSoon"
    case statOverdue = "stat-overdue"
    case statWaitingShort = "stat-waitingShort"
    case showAll = "show-all"
    case showDueSoon = "show-dueSoon"
    case showOverdue = "show-overdue"
    case showSubmitted = "show-submitted"
    case showReturned = "show-returned"
    case showCompleted = "show-completed"
    case showSome = "show-some"
}
