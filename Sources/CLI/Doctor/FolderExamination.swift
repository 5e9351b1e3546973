import Foundation
import Tenancy

/// What `doctor` finds about the folder from which files of people are taken: whether it and those in it can be read and written.
struct FolderExamination {
    /// Nil where none is given.
    let path: String?

    /// One finding.
    func finding() -> Finding {
        guard let path else { return .good("import folder", "none is given: no files are taken in by themselves") }
        let advice = "make it, and let the service's account read and write it and the folders in it"
        guard let names = Self.isFolder(path) ? try? FileManager.default.contentsOfDirectory(atPath: path) : nil else {
            return .bad("import folder", "\(path) is no folder that can be read", advice)
        }
        let folders = names.filter { (try? Slug($0)) != nil && Self.isFolder("\(path)/\($0)") }.sorted()
        // what is taken moves to a folder beside it
        let closed = folders.filter { access("\(path)/\($0)", R_OK | W_OK | X_OK) != 0 }
        guard closed.isEmpty else {
            let some = closed.prefix(5).joined(separator: ", ")
            return .bad("import folder", "\(closed.count) folders in \(path) cannot be written: \(some)", advice)
        }
        return .good("import folder", "\(path), with \(folders.count) institutions' folders")
    }

    private static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }
}
