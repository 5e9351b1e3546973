import Casework
import Hummingbird
import Tenancy

/// Making and updating accounts from the registrar's file of students, or a file of staff.
enum ImportPages {
    static let routes: [PageRoute] = [
        .get("/imports", .signedIn(.admin)) { try await show($0, .students, report: nil) },
        .post("/imports", .signedIn(.admin), files: true) { visit in
            try await visit.attempt {
                let importing = StudentImport(work: try visit.call.work())
                return try await form(visit, .students).answer(
                    done: "/accounts?role=student", again: { try await show($1, .students, report: $0) }
                ) { file, options, columns in
                    try await importing.run(file, options, columns: columns)
                }
            } again: {
                try await show($0, .students, report: nil)
            }
        },
        .get("/imports/staff", .signedIn(.adminInPerson)) { try await show($0, .staff, report: nil) },
        .post("/imports/staff", .signedIn(.adminInPerson), files: true) { visit in
            try await visit.attempt {
                let importing = StaffImport(work: try visit.call.work())
                return try await form(visit, .staff).answer(
                    done: "/accounts", again: { try await show($1, .staff, report: $0) }
                ) { file, options, columns in
                    try await importing.run(file, options, columns: columns)
                }
            } again: {
                try await show($0, .staff, report: nil)
            }
        },
    ]

    /// Who a file is about.
    private enum Kind {
        case students, staff

        var address: String { self == .students ? "/imports" : "/imports/staff" }
    }

    private static func form(_ visit: Visit, _ kind: Kind) -> ImportForm {
        switch kind {
        case .students: ImportForm(visit: visit, fields: StudentImport.fields, namesEverybody: true)
        case .staff: ImportForm(visit: visit, fields: StaffImport.fields)
        }
    }

    private static func show(_ visit: Visit, _ kind: Kind, report: ImportPreview?) async throws -> Response {
        let words = visit.words
        let title = words[kind == .students ? ImportText.title : .staffTitle]
        return visit.page(title: title, viewer: try await visit.viewer(), current: "/imports") {
            pageHead(title, text: words[ImportText.text])
            tabs(
                words[ImportText.kinds],
                [
                    Tab(text: words[ImportText.students], address: "/imports", isCurrent: kind == .students),
                    Tab(text: words[ImportText.staff], address: "/imports/staff", isCurrent: kind == .staff),
                ])
            if let report { report.html }
            card("upload", words[ImportText.choose]) {
                form(visit, kind).html(
                    to: kind.address, hint: words[kind == .students ? ImportText.hint : .staffHint], .primary)
            }
            moduleScript(visit.kit.assets[.upload])
        }
    }
}
