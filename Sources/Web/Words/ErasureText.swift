/// Text keys of erasing a student.
enum ErasureText: String, TextKey {
    static let feature = "erasure"

    case title, text, goes, goesAccount, goesAccess, goesWork, goesAudit, goesOthers, stays, staysRows, staysReports,
        staysExports, confirmation, confirmationHint, erase, notArchived, openAccount, erasedOn, link, linkText
}
