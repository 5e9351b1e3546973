/// Text keys of the set-up guide.
enum SetupText: String, TextKey {
    static let feature = "setup"

    case title, steps, stepsDone, stepsShort, done, open, next, visible, ready, notReady, helpers, helpersHelp,
        accounts,
        accountsHelp, elsewhere, step1, step2, step3, step4, step5, step6, step7, step8, step9, step10, help1, help2,
        help3, help4,
        help5, help6, help7, help8, help9, help10,
        sample, sampleText, sampleMake, sampleThere, sampleOpen, samplePreview, sampleRemove, sampleRemoveText,
        sampleCategory, sampleCohort, sampleGoal, sampleFirst, sampleFirstText, sampleSecond, sampleSecondText,
        sampleThird, sampleThirdText, unattended, unattendedText
    // What is missing, by its key in the API.
    case groupsWithCardedMembers = "groups-with-carded-members"
    case studentAccounts = "student-accounts"
    case cohorts, milestones
    case studentsAssigned = "students-assigned"
    case supportGroupsAttached = "support-groups-attached"
}
