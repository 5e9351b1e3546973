/// Text keys of milestones copied from cohort to cohort, and of cohorts rolled over.
enum CopyText: String, TextKey {
    static let feature = "copies"

    case title, text, from, show, noSources, noSourcesText, offered, milestones, files, days, daysHint, firstDay,
        firstDayHint, look, preview, previewText, dueNow, dueThen, weekend, past, remindersPast, copy, rollOver,
        rollOverText, category, groups, groupsKept, groupsLeft, students, studentsHint, studentsNone, studentsAll,
        studentsUnfinished, make
    case share, shareText, shareWith, noCohorts, noCohortsText, sharedWith, sharedBeyond, sharedText, unshare,
        unshareText,
        keepShared, keepSharedHint
}
