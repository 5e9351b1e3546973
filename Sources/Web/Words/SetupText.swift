/// Text keys of the set-up guide.
enum SetupText: String, TextKey {
    static let feature = "setup"

    case title, checklist, steps, stepsDone, stepsShort, advice, done, open, visible, ready, notReady, switchOn,
        cohorts, milestones, step1, step2, step3, step4, step5, step6, step7, step8, step9, step10
    case groupsWithCardedMembers = "groups-with-carded-members"
    case studentAccounts = "student-accounts"
    case cohortGoals = "cohort-goals"
    case plannedMilestones = "planned-milestones"
    case studentsAssigned = "students-assigned"
    case supportGroupsAttached = "support-groups-attached"
}
