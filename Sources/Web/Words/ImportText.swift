/// Text keys of CSV files.
enum ImportText: String, TextKey {
    static let feature = "imports"

    case title, text, choose, file, hint, check, sending, reading, lost, progress, preview, left, added,
        updated, unchanged, failed, store, rejected, line, why, repair, repairHint, unknown, invalid
    case notAStudent = "not-a-student"
}
