import Casework
import Hummingbird
import Tenancy

/// The set-up guide: what has to be there first, and the ten steps, each with its link.
enum SetupPages {
    static let routes: [PageRoute] = [
        .get("/setup", .signedIn(.admin)) { visit in
            let viewer = try await visit.viewer()
            let setup = try await SetupRepository(work: visit.call.work()).find()
            let words = visit.words
            let items = setup.items.map { item -> Visit.Model in
                var model: Visit.Model = [
                    "label": words.text("setup.\(item.step.rawValue)"), "count": words.number(item.count),
                    "href": address(of: item.step), "state": words.text(item.isDone ? "setup.done" : "setup.open"),
                ]
                if item.isDone { model["done"] = true }
                if item.step.isAdvice { model["advice"] = true }
                return model
            }
            let steps = SetupGuide.steps.map { number -> Visit.Model in
                var model: Visit.Model = [
                    "number": String(number), "label": words.text("setup.step\(number)"),
                    "href": number == 10 ? "/settings" : "/cohorts",
                ]
                if setup.guide.isDone(number) { model["done"] = true }
                return model
            }
            return try visit.page(
                "setup/show", title: words.text("setup.title"), viewer: viewer, current: "/setup",
                [
                    "items": items, "steps": steps,
                    "stepsDone": words.text(
                        "setup.stepsDone", ["done": "\(setup.guide.done)", "total": "\(SetupGuide.steps.count)"]),
                    "fact": words.text(
                        setup.studentVisibility == .enabled
                            ? "setup.visible" : setup.isReady ? "setup.ready" : "setup.notReady",
                        ["done": "\(setup.items.filter(\.isDone).count)", "total": "\(setup.items.count)"]),
                    "ready": setup.isReady && setup.studentVisibility != .enabled,
                ])
        }
    ]

    private static func address(of step: SetupStep) -> String {
        switch step {
        case .groupsWithCardedMembers: "/groups"
        case .studentAccounts: "/imports"
        default: "/cohorts"
        }
    }
}
