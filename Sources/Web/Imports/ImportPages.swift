import Casework
import Hummingbird
import Tenancy

/// Making and updating accounts from the registrar's file of students, or a file of staff.
enum ImportPages {
    static let routes: [PageRoute] = [
        .get("/imports", .signedIn(.admin)) { try await show($0, .students, report: nil) },
        .post("/imports", .signedIn(.admin), files: true) { visit in
            try await visit.attempt {
                let work = try visit.call.work()
                return try await form(visit, .students).answer(
                    done: "/accounts?role=student",
                    again: { try await show($1, $0.isPackage ? .roster : .students, report: $0) }
                ) { file, options, columns in
                    try await StudentImport(work: work).run(file, options, columns: columns)
                } package: { package, options in
                    try await RosterImport(work: work).run(package, options)
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
    enum Kind: CaseIterable {
        case students, staff, roster

        /// Where it is chosen.
        var address: String {
            switch self {
            case .students: "/imports"
            case .staff: "/imports/staff"
            case .roster: "/imports/oneroster"
            }
        }

        fileprivate var text: ImportText {
            switch self {
            case .students: .students
            case .staff: .staff
            case .roster: .roster
            }
        }

        fileprivate var title: ImportText {
            switch self {
            case .students: .title
            case .staff: .staffTitle
            case .roster: .rosterTitle
            }
        }
    }

    /// The kinds of files there are, what comes without files, and files that wait.
    static func tabs(_ words: Catalogue, at current: String) -> HTML {
        let others = [
            (ImportText.scim, "/imports/scim"), (.folder, "/imports/folder"), (.waiting, UploadPages.address),
        ]
        return Web.tabs(
            words[ImportText.kinds],
            (Kind.allCases.map { ($0.text, $0.address) } + others).map {
                Tab(text: words[$0.0], address: $0.1, isCurrent: $0.1 == current)
            })
    }

    private static func form(_ visit: Visit, _ kind: Kind) -> ImportForm {
        switch kind {
        case .students: ImportForm(visit: visit, fields: StudentImport.fields, namesEverybody: true, adds: .student)
        case .staff: ImportForm(visit: visit, fields: StaffImport.fields, adds: .staff)
        case .roster: ImportForm(visit: visit, fields: [])
        }
    }

    private static func show(_ visit: Visit, _ kind: Kind, report: ImportPreview?) async throws -> Response {
        let words = visit.words
        let title = words[kind.title]
        return visit.page(title: title, viewer: try await visit.viewer(), current: "/imports") {
            pageHead(title, text: words[ImportText.text])
            tabs(words, at: kind.address)
            if let report { report.html }
            if kind != .roster {
                card("upload", words[ImportText.choose]) {
                    form(visit, kind).html(
                        to: kind.address, hint: words[kind == .students ? ImportText.hint : .staffHint], .primary)
                }
            }
            moduleScript(visit.kit.assets[.upload])
        }
    }
}
