import Casework
import Hummingbird
import Tenancy

/// Admin Settings.
enum SettingsPages {
    static let routes: [PageRoute] = [
        .get("/settings", .signedIn(.adminInPerson)) { try await show($0) },
        .post("/settings", .signedIn(.adminInPerson)) { visit in
            try await visit.attempt {
                let (patch, confirmed) = try Fields.read(form: visit.form.fields) {
                    (SettingsPatch(&$0), $0.optional("confirmed", .choice(StudentVisibility.self)))
                }
                if let question = try await question(visit, patch, confirmed) { return question }
                _ = try await SettingsRepository(work: visit.call.work())
                    .update(patch, ifMatch: visit.seenVersion)
                switch confirmed {
                case nil: return visit.redirect("/settings", done: .saved)
                case .enabled: return visit.redirect("/setup", done: .shownToStudents)
                case .disabled: return visit.redirect("/settings", done: .hiddenFromStudents)
                }
            } again: {
                try await show($0)
            }
        },
    ]

    /// Before students see their dashboard, or see it no more: how many, and whether that is meant. Nil where nothing of the
    /// kind is wanted, and where it has been confirmed. Before the set-up is done the form comes again.
    private static func question(
        _ visit: Visit, _ patch: SettingsPatch, _ confirmed: StudentVisibility?
    ) async throws -> Response? {
        guard let wish = patch.studentVisibility, wish != confirmed else { return nil }
        let (viewer, setup) = try await visit.read(SetupRepository.find())
        guard wish != setup.studentVisibility else { return nil }
        guard wish == .disabled || setup.isReady else {
            let problem = FieldProblem(field: "studentVisibility", detail: visit.words[SettingsText.notReady])
            return try await show(visit.with([problem]))
        }
        return visit.page(title: visit.words[SettingsText.studentVisibility], viewer: viewer, current: "/settings") {
            VisibilityQuestion(visit: visit, wish: wish, students: setup.count(of: .studentsAssigned)).html
        }
    }

    private static func show(_ visit: Visit) async throws -> Response {
        let (viewer, settings) = try await visit.read(SettingsRepository.find())
        return visit.page(title: visit.words[SettingsText.title], viewer: viewer, current: "/settings") {
            SettingsPage(visit: visit, settings: settings).html
        }
    }
}
