import Casework

/// The navigation at the left: what each role works with.
struct Menu {
    let words: Catalogue

    /// Headings with entries, as the template `layouts/menu` reads them.
    func model(for viewer: Viewer, current: String) -> [Visit.Model] {
        var work = ["/queue", "/students", "/overview"]
        if viewer.editsCohorts { work.insert("/cohorts", at: 2) }
        var sections = [("caseManagement", work)]
        switch viewer.role {
        case "admin":
            sections.append(
                (
                    "institution",
                    ["/setup", "/accounts", "/groups", "/departments", "/imports", "/settings", "/tokens", "/audit"]
                ))
        case "director", "manager": sections.append(("institution", ["/groups"]))
        default: break
        }
        sections.append(("you", ["/card", "/directory"]))
        return sections.map { heading, addresses in
            [
                "heading": words.text("shell.\(heading)"),
                "entries": addresses.map { address -> Visit.Model in
                    var entry: Visit.Model = ["href": address, "label": words.text("menu.\(address.dropFirst())")]
                    if address == current { entry["current"] = true }
                    if address == "/setup", let guide = viewer.guide { entry["badge"] = badge(guide) }
                    return entry
                },
            ]
        }
    }

    private func badge(_ guide: SetupGuide) -> Visit.Model {
        let count = ["done": "\(guide.done)", "total": "\(SetupGuide.steps.count)"]
        return ["text": words.text("setup.stepsShort", count), "kind": ""]
    }
}
