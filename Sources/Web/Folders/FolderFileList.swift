import Casework

/// Each file that was taken from the folder, with a question where one waits for an answer.
struct FolderFileList {
    let visit: Visit
    let files: [FolderFile]
    let next: Cursor?
    /// IANA name of the viewer's time zone.
    let timeZone: String

    private var words: Catalogue { visit.words }

    var html: HTML {
        card("files", words[FolderText.files]) {
            if files.isEmpty {
                emptyState(words[FolderText.noFiles], level: 3) { p { words[FolderText.noFilesText] } }
            } else {
                list
            }
            visit.pager(next)
        }
    }

    private var list: HTML {
        let columns: [Column] =
            [.name(words[FolderText.name])] + [FolderText.when, .result, .counts].map { Column.text(words[$0]) }
        return dataTable(.labelledBy("files"), columns, of: files) { file in
            bdi { file.name }
            time(.dateTime(file.startedAt.machineText)) { words.instant(file.startedAt, zone: timeZone) }
            cell {
                tag(Tag(text: words[Self.result(of: file)], tone: file.state == .done ? .plain : .warn))
                if let fault = file.fault {
                    fact(words.said(fault))
                    if !fault.detail.isEmpty { fact(fault.detail) }
                }
                answer(to: file)
                problems(of: file)
            }
            counts(of: file)
        }
    }

    private static func result(of file: FolderFile) -> FolderText {
        switch file.state {
        case .waiting: file.isAsked ? .waiting : .approved
        case .done: .done
        case .refused: .refused
        }
    }

    @HTMLBuilder private func answer(to file: FolderFile) -> HTML {
        if file.isAsked, let count = file.fault?.count {
            visit.confirmation(
                words[FolderText.approve], of: file.name,
                words[FolderText.approveText, ["count": words.number(count)]],
                at: "\(FolderPages.address)/\(file.id)/approve"
            ) {
                visit.postForm(to: "\(FolderPages.address)/\(file.id)/approve") {
                    hiddenField("mostSuspended", String(count))
                    submitButton(words[FolderText.approve], .danger, of: file.name)
                }
            }
            visit.removal(
                words[FolderText.decline], of: file.name, words[FolderText.declineText],
                at: "\(FolderPages.address)/\(file.id)/decline")
        } else {
            if let account = file.account {
                let key: FolderText = file.fault?.kind == .declined ? .saidNo : .saidYes
                fact(words[key, ["name": account.name]])
            }
            if file.state == .waiting { fact(words[FolderText.approvedUntilTaken]) }
        }
    }

    @HTMLBuilder private func problems(of file: FolderFile) -> HTML {
        if !file.problems.isEmpty {
            details {
                summary { words[FolderText.problems] }
                ul { for problem in file.problems { li { bdi { problem } } } }
            }
        }
    }

    private func counts(of file: FolderFile) -> HTML {
        let counts: [(FolderText, Int)] = [
            (.added, file.added), (.updated, file.updated), (.unchanged, file.unchanged), (.rejected, file.failed),
            (.skipped, file.skipped), (.suspended, file.suspended), (.leaving, file.leaving),
        ]
        // of a file that is refused nothing is stored
        return cell {
            for (key, count) in counts where count > 0 && (file.state != .refused || key == .rejected) {
                fact(words[key, ["count": words.number(count)]])
            }
        }
    }
}

extension Catalogue {
    /// Why a file of the folder is not stored.
    func said(_ fault: FolderFault) -> String {
        let key: FolderText =
            switch fault.kind {
            case .name: .wrongName
            case .notAFile: .notAFile
            case .tooLarge: .tooLarge
            case .unusable: .unusable
            case .noCohort: .noCohort
            case .archivedCohort: .archivedCohort
            case .records: .records
            case .stopped: .stopped
            case .declined: .declined
            case .replaced: .replaced
            case .unsure: .unsure
            case .changed: .changed
            case .program: .program
            }
        guard fault.kind == .stopped else { return self[key] }
        return self[key, ["count": number(fault.count ?? 0), "most": number(fault.most ?? 0)]]
    }
}
