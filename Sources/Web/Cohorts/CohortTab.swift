import Casework
import Hummingbird
import Tenancy

/// The parts of a cohort's page, each with an address of its own below the cohort's.
enum CohortTab: String {
    case students, progress, milestones, attach, details
    case addStudents = "add-students"
    case supportGroups = "support-groups"

    var text: CohortText {
        switch self {
        case .students: .tabStudents
        case .progress: .tabProgress
        case .addStudents: .tabAddStudents
        case .milestones: .tabMilestones
        case .supportGroups: .tabSupportGroups
        case .attach: .tabAttach
        case .details: .tabDetails
        }
    }

    /// Those a viewer has of a cohort, in the order of the guide's steps. An archived one can be read and brought back.
    static func all(of cohort: Cohort, for viewer: Viewer) -> [CohortTab] {
        if cohort.isArchived { return (cohort.isEditable ? [.details] : []) + [.students, .progress, .supportGroups] }
        return (cohort.isEditable ? [.details] : []) + [.students, .progress]
            + (viewer.role == "admin" ? [.addStudents] : [])
            + (cohort.isEditable ? [.milestones, .supportGroups, .attach] : [.supportGroups])
    }

    /// Where a cohort's name leads: its details, for those who may edit it; else its students.
    static func first(of cohort: Cohort) -> CohortTab { cohort.isEditable ? .details : .students }

    /// Its address in a cohort.
    func address(in cohort: Int) -> String { "/cohorts/\(cohort)/\(rawValue)" }
}

extension Visit {
    /// A page of one cohort: breadcrumb, heading, facts and tabs, then the tab's content.
    /// - Parameters:
    ///   - title: of a page below the tab.
    ///   - reading: what the tab shows; read together with the viewer and the cohort.
    /// - Throws: `CaseworkError.notFound`, or `.forbidden` where the tab is not the viewer's.
    func cohortPage<Output: Sendable>(
        _ tab: CohortTab, title: String? = nil, _ reading: Reading<Output>,
        content: (Cohort, Viewer, Output) throws -> HTML
    ) async throws -> Response {
        let (viewer, cohort, output) = try await read(CohortRepository.find(call.id("id")), reading)
        return try cohortPage(
            tab, title: title, of: cohort, for: viewer, content: { try content(cohort, viewer, output) })
    }

    /// A page of one cohort whose tab shows nothing but the cohort.
    func cohortPage(_ tab: CohortTab, content: (Cohort, Viewer) throws -> HTML) async throws -> Response {
        let (viewer, cohort) = try await read(CohortRepository.find(call.id("id")))
        return try cohortPage(tab, title: nil, of: cohort, for: viewer, content: { try content(cohort, viewer) })
    }

    private func cohortPage(
        _ tab: CohortTab, title: String?, of cohort: Cohort, for viewer: Viewer, content: () throws -> HTML
    ) throws -> Response {
        let tabs = CohortTab.all(of: cohort, for: viewer)
        // who may not edit the cohort would get a page of buttons that all refuse
        guard tabs.contains(tab) else { throw CaseworkError.forbidden }
        let content = try content()
        return page(
            title: "\(title ?? words[tab.text]) · \(cohort.name)", viewer: viewer,
            current: viewer.editsCohorts ? "/cohorts" : "/students"
        ) {
            head(of: cohort, viewer)
            if cohort.isArchived { archivedNotice(of: cohort) }
            Web.tabs(
                words[CohortText.tabs],
                tabs.map {
                    Tab(text: words[$0.text], address: $0.address(in: cohort.id), isCurrent: $0 == tab)
                })
            content
        }
    }

    private func head(of cohort: Cohort, _ viewer: Viewer) -> HTML {
        let list = viewer.editsCohorts ? [Crumb(text: words[CohortText.title], address: "/cohorts")] : []
        let facts = [
            words[CohortText.students, n: cohort.students], words[CohortText.milestones, n: cohort.milestones],
            words[CohortText.groups, n: cohort.groups],
        ]
        return pageHead(
            crumbs: breadcrumbs(words, list + [Crumb(text: cohort.categoryName)]),
            beside: {
                if viewer.role == "admin" {
                    div(.class("row")) {
                        a(.class("button quiet"), .href("/audit?subject=cohort/\(cohort.id)")) {
                            words[AuditText.history]
                        }
                        a(.class("button"), .href("/cohorts/\(cohort.id)/preview")) {
                            words[DashboardText.previewTitle]
                        }
                    }
                }
            },
            content: {
                h1 { bdi { cohort.name } }
                p {
                    facts.joined(separator: " · ")
                    if cohort.isArchived {
                        " "
                        tag(Tag(text: words[CohortText.archivedTag]))
                    }
                }
            })
    }

    /// What an archived cohort is, and the way back.
    private func archivedNotice(of cohort: Cohort) -> HTML {
        div(.class("notice warn row spread")) {
            p { words[CohortText.archivedText] }
            if cohort.isEditable {
                archivingForm(
                    words[CohortText.restore], isArchived: true, at: CohortTab.details.address(in: cohort.id),
                    version: cohort.version)
            }
        }
    }
}
