/// Text keys of cohorts, with their milestones, students and support groups.
enum CohortText: String, TextKey {
    static let feature = "cohorts"

    case title, text, tabs, cohort, search, add, addTitle, createCategory, categoryName, categoryHint,
        empty, emptyText, notFound, showAll, noCohorts, categoryDetails, changeCategory, place, placeKept, placeFirst,
        placeAfter,
        inUse, archivedOnes, noneArchived, archivedTag,
        archivedText, deleteCategory, deleteCategoryText, name, nameHint, goal,
        goalHint, planned, students, milestones, groups, people, end, archive, archiveText, restore, restoreText,
        delete, deleteText, student, number, actions, findStudent, remove, removeText, noStudents, addOne, addMany,
        studentEmail, studentEmailHint, addStudent, csvHint, assigned, customMilestone, noMilestones, notSaved,
        draft, due, dueAfter, noDue, doneOf, percent, moveUp, moveDown, movedTo, moveFailed, milestoneDetails,
        milestoneTitle, dueDate, description, descriptionHint, completion, completionStaff, completionStudent,
        remind, reminder1, reminder2, reminder7, reminder14, reminder30, saveMilestone, discard, files, attachFiles,
        attachHint, chooseAgain, removeOnSave, duePast, remindersNoDue, remindersPast,
        remindersHeading, reminderBefore, reminderGoes, reminderWent, reminderWentToNobody, reminderOwnDay,
        remindersOthers,
        extensions, extensionRequests, remindersEarly, dueDateHint, dueAfterDays, dueAfterDaysHint, deleteMilestone,
        retire,
        retireText, retiredOnes, retiredTag,
        retiredText, restoreMilestone, restoreMilestoneText,
        deleteMilestoneText, choose, chooseText, noGroups, detach,
        detachText, noCard, findGroup, attach, noneAvailable, noneFound, available, copyMilestones, nextTerm,
        nextTermText
    case tabStudents = "tab-students"
    case tabAddStudents = "tab-add-students"
    case tabMilestones = "tab-milestones"
    case tabSupportGroups = "tab-support-groups"
    case tabAttach = "tab-attach"
    case tabDetails = "tab-details"
    case tabProgress = "tab-progress"
}
