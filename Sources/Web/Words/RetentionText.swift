/// Text keys of what is kept for how long.
enum RetentionText: String, TextKey {
    static let feature = "retention"

    case title, text, empty, archivedStudents, archivedStudentsHint, audit, auditHint, mails, mailsHint, files,
        filesHint,
        studentsGo, entriesGo, mailsGo, filesGo, next, nothingGoes, fixed, fixedSessions, fixedInvitations,
        fixedStatistics,
        save, question, questionText, confirm
}
