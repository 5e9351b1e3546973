import Casework

/// The navigation at the left: what each role works with.
struct Menu {
    let words: Catalogue
    let viewer: Viewer
    /// The address of the entry to mark.
    let current: String
    /// Where the pictures of the entries are.
    let icons: String

    /// Headings with entries, each named like its address.
    private var sections: [(heading: ShellText, entries: [MenuText])] {
        let work: [MenuText] = [.inbox, .queue, .students] + (viewer.editsCohorts ? [.cohorts] : []) + [.overview]
        let institution: [MenuText] =
            switch viewer.role {
            case "admin":
                [.setup, .accounts, .groups, .departments, .imports, .settings, .mails, .reports, .tokens, .audit]
            case "director", "manager": [.groups]
            default: []
            }
        return [(.caseManagement, work), (.institution, institution), (.you, [.card, .directory, .account])]
            .filter { !$0.entries.isEmpty }
    }

    /// What the viewer can open, by name.
    static func places(of viewer: Viewer, _ words: Catalogue) -> [(name: String, address: String)] {
        Menu(words: words, viewer: viewer, current: "", icons: "").sections.flatMap(\.entries)
            .map { (words[$0], address(of: $0)) }
    }

    private static func address(of entry: MenuText) -> String { "/\(entry.rawValue)" }

    @HTMLBuilder var html: HTML {
        for section in sections {
            h2 { words[section.heading] }
            ul { for entry in section.entries { link(to: entry) } }
        }
    }

    private func link(to entry: MenuText) -> HTML {
        let address = Self.address(of: entry)
        return li {
            a(.href(address), .if(address == current, .currentPage)) {
                icon("\(icons)#\(entry.rawValue)")
                words[entry]
                if entry == .setup, let guide = viewer.guide {
                    " "
                    tag(Tag(text: progress(of: guide)))
                }
                if entry == .queue { Menu.count(viewer.waiting, upTo: QueueRepository.mostCounted) }
                if entry == .inbox { Menu.count(viewer.unread, upTo: InboxRepository.mostCounted) }
            }
        }
    }

    /// `26`, or `99+` where counting ends; nothing where there are none.
    @HTMLBuilder static func count(_ number: Int?, upTo most: Int) -> HTML {
        if let number, number > 0 {
            " "
            tag(Tag(text: number < most ? "\(number)" : "\(most - 1)+", tone: .info))
        }
    }

    private func progress(of guide: SetupGuide) -> String {
        words[SetupText.stepsShort, ["done": "\(guide.done)", "total": "\(SetupGuide.Step.allCases.count)"]]
    }
}
