import Casework
import HTTPTypes
import Hummingbird
import Tenancy

/// Packages of OneRoster, and an institution's rules about them.
enum RosterAPI {
    private static let become = Schema.nullable(.choice(StaffRole.allCases.map(\.rawValue)))
    private static let members: [Schema.Property] =
        RosterRole.allCases.map { .field($0.rawValue, become) } + [
            .field("categoryId", .nullable(.id)),
            .field("classType", .nullable(.choice(RosterClassType.allCases.map(\.rawValue)))),
            .field("classText", .nullable(.string(0...200))),
        ]
    private static let rules = Schema.versioned(members)

    static let routes: [Route] = [
        Route(
            .post, "/imports/oneroster", .signedIn(.admin),
            "Takes in a OneRoster package, version 1.1 or 1.2: a zip of CSV files with a manifest.",
            query: Array(ImportAPI.options.prefix(2)) + ImportAPI.missing, payload: .zip,
            answer: ImportAPI.packageReport
        ) { call in
            let options = try call.query { ImportOptions(ofAllStudents: &$0) }
            let package = try await call.rosterPackage()
            return call.answer(try await RosterImport(work: try call.work()).run(package, options, says: \.inReport))
        },
        Route(
            .get, "/imports/oneroster/rules", .signedIn(.admin), "Shows what of a OneRoster package is taken in.",
            answer: rules
        ) { call in
            call.answer(try await call.read(RosterRulesRepository.find()))
        },
        Route(
            .patch, "/imports/oneroster/rules", .signedIn(.adminInPerson),
            "Changes what of a OneRoster package is taken in.", payload: .json(Schema.object(members).patch),
            answer: rules
        ) { call in
            let patch = try Fields.read(try await call.json()) { RosterRulesPatch(&$0) }
            return call.answer(
                try await RosterRulesRepository(work: try call.work()).update(patch, ifMatch: call.ifMatch))
        },
    ]
}
