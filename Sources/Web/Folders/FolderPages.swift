import Casework
import Hummingbird
import Tenancy

/// The folder from which files of people are taken, and what became of those.
enum FolderPages {
    static let address = "/imports/folder"

    static let routes: [PageRoute] = [
        .get(address, .signedIn(.adminInPerson)) { try await show($0) },
        .post(address, .signedIn(.adminInPerson)) { visit in
            try await visit.attempt {
                let draft = try Fields.read(form: visit.form.fields) { ImportFolderDraft(&$0) }
                _ = try await ImportFolderRepository(work: visit.call.work()).set(draft, ifMatch: visit.seenVersion)
                return visit.redirect(address, done: .saved)
            } again: {
                try await show($0)
            }
        },
        .post("\(address)/{id}/approve", .signedIn(.adminInPerson)) { visit in
            try await visit.attempt {
                let most = try Fields.read(form: visit.form.fields) {
                    $0.required("mostSuspended", .int(0...1_000_000))
                }
                _ = try await ImportFolderRepository(work: visit.call.work())
                    .approve(visit.call.id("id"), mostSuspended: most)
                return visit.redirect(address, done: .fileApproved)
            } again: {
                try await show($0.untyped)
            }
        },
        .post("\(address)/{id}/decline", .signedIn(.adminInPerson)) { visit in
            try await visit.attempt {
                _ = try await ImportFolderRepository(work: visit.call.work()).decline(visit.call.id("id"))
                return visit.redirect(address, done: .fileDeclined)
            } again: {
                try await show($0.untyped)
            }
        },
    ]

    private static func show(_ visit: Visit) async throws -> Response {
        let page = visit.call.request.method == .get ? try visit.call.page() : PageRequest(limit: 20)
        let (viewer, folder, files) = try await visit.read(
            ImportFolderRepository.find(), ImportFolderRepository.files(PageRequest(limit: 20, after: page.after)))
        let words = visit.words
        return visit.page(title: words[FolderText.title], viewer: viewer, current: "/imports") {
            pageHead(words[FolderText.title], text: words[FolderText.text])
            ImportPages.tabs(words, at: address)
            FolderForm(visit: visit, folder: folder).html
            FolderFileList(visit: visit, files: files.items, next: files.next, timeZone: viewer.timeZone).html
        }
    }
}

/// What is ruled of the folder, and what files in it are to be called.
private struct FolderForm {
    let visit: Visit
    let folder: ImportFolder

    private var words: Catalogue { visit.words }

    @HTMLBuilder var html: HTML {
        if !visit.call.site.watchesFolder {
            section(.class("notice warn"), .role("status")) { p { words[FolderText.notWatched] } }
        }
        card("folder", words[FolderText.settings]) {
            visit.postForm(.class("form"), .data("keep"), to: FolderPages.address, version: folder.version) {
                check("enabled", .enabled, .enabledHint, folder.isEnabled)
                check("suspendsMissing", .suspendsMissing, .suspendsMissingHint, folder.suspendsMissing)
                check("partial", .partial, .partialHint, folder.isPartial)
                actions { submitButton(words[ShellText.save], .primary) }
            }
        }
        card("names", words[FolderText.names]) {
            p { words[FolderText.namesText] }
            ul {
                for (name, meaning) in Self.names {
                    li {
                        code { name }
                        ": \(words[meaning])"
                    }
                }
            }
            p { words[FolderText.namesAfter] }
        }
    }

    private static let names: [(String, FolderText)] = [
        ("students*.csv", .nameStudents), ("staff*.csv", .nameStaff), ("*.zip", .namePackage),
        ("cohort-12*.csv", .nameMembers),
    ]

    private func check(_ name: String, _ label: FolderText, _ hint: FolderText, _ isOn: Bool) -> HTML {
        visit.field(
            Input(name: name, label: words[label], hint: words[hint], kind: .check, value: isOn ? "true" : "false"))
    }
}
