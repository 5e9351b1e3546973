/// Text keys of files that are put into a folder.
enum FolderText: String, TextKey {
    static let feature = "folders"

    case title, text, settings, enabled, enabledHint, suspendsMissing, suspendsMissingHint, partial, partialHint,
        notWatched
    case names, namesText, nameStudents, nameStaff, namePackage, nameMembers, namesAfter
    case files, noFiles, noFilesText, name, when, result, counts, problems
    case waiting, approved, done, refused, saidYes, saidNo, approvedUntilTaken
    case approve, approveText, decline, declineText
    case added, updated, unchanged, rejected, skipped, suspended, leaving
    case wrongName, notAFile, tooLarge, unusable, noCohort, archivedCohort, records, stopped, declined, replaced,
        unsure,
        changed, program
}
