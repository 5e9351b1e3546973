import Casework
import Events

/// A file of the folder was taken in.
struct FolderFileDone: JobEnd {
    static let name = "folder_file_done"
    let severity = Severity.info
    let message = "A file of an institution's folder was taken in."
    let institution: String
    let file: FolderFile
    let job: Job?

    var details: [String: String] {
        [
            "institution": institution, "added": String(file.added), "updated": String(file.updated),
            "failed": String(file.failed), "suspended": String(file.suspended),
        ]
    }
}

/// A file of the folder was refused, or waits for an admin's yes.
struct FolderFileRefused: JobEnd {
    static let name = "folder_file_refused"
    let severity = Severity.warning
    let institution: String
    let fault: FolderFault
    let job: Job?

    var cause: String { fault.kind.rawValue }
    let message = "A file of an institution's folder was not taken in; its admins see why, and nothing was changed."
    var details: [String: String] { ["institution": institution, "reason": fault.detail] }
}

/// A folder could not be read or written, or the database did not take what lies there.
struct FolderWorkFailed: Event {
    static let name = "folder_work_failed"
    let severity = Severity.error
    let cause: String
    /// What was tried in vain.
    let reason: String
    /// The institution's slug; nil for the folder of all.
    let institution: String?

    init(_ error: any Error, institution: String? = nil) {
        let failure = error as? FolderFailure
        cause = failure == nil ? Unavailable.cause(of: error) : "folder"
        reason = failure?.description ?? ""
        self.institution = institution
    }

    let message = "The import folder could not be worked on, and will be tried again."
    var details: [String: String] {
        ["reason": reason].merging(institution.map { ["institution": $0] } ?? [:]) { $1 }
    }
}
