import Casework
import Hummingbird
import Tenancy

/// `/milestones/{id}/progress/{studentId}/files`: what a student has sent, for the student and those who answer.
enum SubmissionAPI {
    static let routes: [Route] = [
        Route(
            .get, "/milestones/{id}/progress/{studentId}/files", .signedIn(.readers),
            "Lists the files that a student has sent with a milestone", answer: .page(file), problems: [404]
        ) { call in
            call.answer(try await call.read(SubmittedFileRepository.list(of: call.progressKey)))
        },
        Route(
            .get, "/milestones/{id}/progress/{studentId}/files/{fileId}", .signedIn(.readers),
            "Sends a file that a student has sent", answer: .binary, problems: [404]
        ) { try await send($0) },
    ]

    /// `stepId` is the step of the history with which it was sent.
    static let file = Schema.object(FileAPI.checked + [.field("stepId", .integer(1...Int.max))])

    /// What the form of a submission holds: a word, files that come, and ids of earlier ones that go.
    static let form = Schema.object([
        .optional("comment", .string(0...ProgressAction.commentLength.upperBound)),
        .optional("files", .array(.binary)), .optional("removed", .array(.id)),
    ])

    /// The file that the path names.
    static func send(_ call: Call) async throws -> Response {
        let (id, files) = (try call.id("fileId"), SubmittedFileRepository(work: try call.work()))
        let (file, start) = try await files.open(id, of: call.progressKey)
        return FileAPI.answer(file, start: start) { try await files.piece($0, of: id) }
    }

    /// Takes the form of a submission.
    static func submit(_ call: Call) async throws -> ProgressEntry {
        let form: Form
        do {
            form = try await call.form(.files)
        } catch let cut as Form.CutShort {
            throw cut.reason
        }
        let key = try call.progressKey
        return try await ProgressRepository(work: try call.work()).submit(
            Submission(form), milestone: key.milestone, student: key.student, ifMatch: call.ifMatch,
            scanner: call.site.scanner, field: "files")
    }
}

/// The same files, by link from a page.
enum SubmissionPages {
    static let routes: [PageRoute] = [
        .get("/milestones/{id}/progress/{studentId}/files/{fileId}", .signedIn(.readers)) { visit in
            try await SubmissionAPI.send(visit.call)
        }
    ]
}

extension Call {
    /// Which student on which milestone the path names.
    fileprivate var progressKey: ProgressKey {
        get throws { ProgressKey(milestone: try id("id"), student: try id("studentId")) }
    }
}

/// Files that a student has sent, for those who may read them.
@HTMLBuilder func submittedFiles(_ files: [SubmittedFile], _ words: Catalogue) -> HTML {
    if !files.isEmpty {
        ul(.class("stack"), .ariaLabel(words[ProgressText.files])) {
            for file in files { li { submittedFile(file, words) } }
        }
    }
}

/// A link to a file that a student has sent.
@HTMLBuilder func submittedFile(_ file: SubmittedFile, _ words: Catalogue) -> HTML {
    a(.href("/milestones/\(file.key.milestone)/progress/\(file.key.student)/files/\(file.file.id)")) {
        bdi { file.file.name }
    }
    " "
    small { words.size(file.file.size) }
}
