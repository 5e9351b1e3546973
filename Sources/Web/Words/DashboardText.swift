/// Text keys of the student's dashboard and its preview.
enum DashboardText: String, TextKey {
    static let feature = "dashboard"

    case title, hello, summary, summaryNext, summaryOverdue, summaryManyOverdue, progress, next, later, waiting,
        done, help, noHelp, empty, emptyText, allDone, allDoneText, overdue, due, noDue, tell, tick, withdraw, addNote,
        note, returnedComment, previewTitle, previewText,
        previewHidden, previewVisible, previewOf, previewOfNewcomer, previewBack, previewChoose, previewNewcomer,
        previewSomebody, previewNoStudents, previewNoCohorts, previewAll, nothingNow, nothingNowText, sentFiles,
        earlierFiles, removeFile,
        chooseFiles, filesHint
}
