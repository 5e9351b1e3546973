import Casework

/// The navigation at the left: what each role works with.
struct Menu {
    let words: Catalogue
    let viewer: Viewer
    /// The address of the entry to mark.
    let current: String

    /// Headings with entries, each named like its address.
    private var sections: [(heading: ShellText, entries: [MenuText])] {
        let work: [MenuText] = [.queue, .students] + (viewer.editsCohorts ? [.cohorts] : []) + [.overview]
        let institution: [MenuText] =
            switch viewer.role {
            case "admin": [.setup, .accounts, .groups, .departments, .imports, .settings, .mails, .tokens, .audit]
            case "director", "manager": [.groups]
            default: []
            }
        return [(.caseManagement, work), (.institution, institution), (.you, [.card, .directory, .account])]
            .filter { !$0.entries.isEmpty }
    }

    @HTMLBuilder var html: HTML {
        for section in sections {
            h2 { words[section.heading] }
            ul { for entry in section.entries { link(to: entry) } }
        }
    }

    private func link(to entry: MenuText) -> HTML {
        let address = "/\(entry.rawValue)"
        return li {
            a(.href(address), .if(address == current, .currentPage)) {
                words[entry]
                if entry == .setup, let guide = viewer.guide {
                    " "
                    tag(Tag(text: progress(of: guide)))
                }
            }
        }
    }

    private func progress(of guide: SetupGuide) -> String {
        words[SetupText.stepsShort, ["done": "\(guide.done)", "total": "\(SetupGuide.Step.allCases.count)"]]
    }
}
