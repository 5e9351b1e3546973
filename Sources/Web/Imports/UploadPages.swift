import Casework
import Hummingbird
import Tenancy

/// Files that were sent and shown, and wait for their sender's yes.
enum UploadPages {
    static let address = "/imports/waiting"

    static let routes: [PageRoute] = [
        .get(address, .signedIn(.adminInPerson)) { visit in
            let (viewer, uploads) = try await visit.read(UploadRepository.waiting)
            let title = visit.words[ImportText.waitingTitle]
            return visit.page(title: title, viewer: viewer, current: "/imports") {
                pageHead(title, text: visit.words[ImportText.waitingText])
                ImportPages.tabs(visit.words, at: address)
                UploadList(visit: visit, uploads: uploads, timeZone: viewer.timeZone).html
                moduleScript(visit.kit.assets[.upload])
            }
        },
        .post("\(address)/{id}/drop", .signedIn(.adminInPerson)) { visit in
            guard try await UploadRepository(work: visit.call.work()).drop(visit.call.id("id")) else {
                throw CaseworkError.notFound
            }
            return visit.redirect(address, done: .removed)
        },
    ]
}

/// What waits, with what it would do and the way on.
private struct UploadList {
    let visit: Visit
    let uploads: [UploadedFile]
    /// IANA name of the viewer's time zone.
    let timeZone: String

    private var words: Catalogue { visit.words }

    @HTMLBuilder var html: HTML {
        card("waiting", words[ImportText.waiting]) {
            if uploads.isEmpty {
                emptyState(words[ImportText.noneWaiting], level: 3) { p { words[ImportText.noneWaitingText] } }
            } else {
                list
            }
        }
    }

    private var list: HTML {
        let columns: [Column] = [
            .name(words[ImportText.file]), .text(words[ImportText.preview]), .text(words[ImportText.waitsUntil]),
            .text(words[ImportText.goOn]),
        ]
        return dataTable(.labelledBy("waiting"), columns, of: uploads) { upload in
            cell {
                bdi { name(of: upload) }
                fact(words[ImportText.sentAt, ["time": words.instant(upload.createdAt, zone: timeZone)]])
            }
            cell {
                if let outlook = upload.outlook {
                    ul { for (key, count) in counts(outlook) { li { words[key, n: count] } } }
                } else {
                    words[ImportText.notReadYet]
                }
            }
            time(.dateTime(upload.expiresAt.machineText)) { words.instant(upload.expiresAt, zone: timeZone) }
            cell {
                visit.postForm(.multipart, to: upload.address) {
                    hiddenField("upload", String(upload.id))
                    submitButton(words[ImportText.goOn], .plain, of: name(of: upload))
                }
                visit.removal(
                    words[ImportText.throwAway], of: name(of: upload), words[ImportText.throwAwayText],
                    at: "\(UploadPages.address)/\(upload.id)/drop")
            }
        }
    }

    private func name(of upload: UploadedFile) -> String {
        upload.name.isEmpty ? words[ImportText.mendedRows] : upload.name
    }

    private func counts(_ outlook: UploadOutlook) -> [(key: ImportText, count: Int)] {
        let all = [
            (key: ImportText.added, count: outlook.added), (.updated, outlook.updated), (.unchanged, outlook.unchanged),
            (.failed, outlook.failed), (.missing, outlook.missing), (.suspended, outlook.suspended),
            (.leaving, outlook.leaving),
        ]
        return all.filter { $0.count > 0 }
    }
}
