import ArgumentParser
import Foundation
import Tenancy

/// `waymark institution delete`
struct InstitutionDelete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Refuse everybody of an institution, and let it be removed after some days of grace.",
        discussion: """
            Until then waymark institution resume takes it back. waymark institution purge removes what has had its grace.
            """)

    @Argument(help: "The institution's slug.") var slug: String
    @Option(help: "The slug again, to show that you mean it.") var confirm: String
    @Option(help: "A file for a last export, taken once nobody can change anything any more.") var export: String?
    @Option(help: "Days of grace; 0 removes it at once and for good.") var graceDays = 30
    @OptionGroup var options: OperatorOptions

    func validate() throws {
        guard confirm == slug else { throw ValidationError("--confirm must repeat the slug '\(slug)'") }
        guard (0...3_650).contains(graceDays) else { throw ValidationError("--grace-days must be 0 to 3650") }
    }

    func run() async throws {
        try await Operator.run(options, in: slug) { migrator, institution in
            try await migrator.dismiss(institution, graceDays: graceDays)
            if let export { _ = try await InstitutionExport.write(institution, to: export, by: migrator) }
            if graceDays == 0 { try await migrator.delete(institution) }
        }
        if let export { Output.line("\(slug) is exported to \(export).") }
        Output.line(
            graceDays == 0
                ? "\(slug) is deleted."
                : "\(slug) lets nobody in, and can be removed in \(graceDays) days by waymark institution purge; "
                    + "waymark institution resume \(slug) takes that back.")
    }
}

/// `waymark institution purge`
struct InstitutionPurge: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "purge",
        abstract: "Remove for good the institutions that were deleted and have had their days of grace.",
        discussion: "Made for a timer: where there is none to remove it does nothing.")

    @Option(help: "A folder for a last export of each; one that fails is not removed.") var exportTo: String?
    @OptionGroup var options: OperatorOptions

    func run() async throws {
        let failed = try await Operator.run(conninfo: try await options.conninfo()) { migrator in
            var failed = 0
            for institution in try await migrator.dismissed() {
                do {
                    if let exportTo {
                        let file = "\(exportTo)/\(institution.slug)-\(InstitutionList.day(Date())).jsonl"
                        _ = try await InstitutionExport.write(institution, to: file, by: migrator)
                        Output.line("\(institution.slug) is exported to \(file).")
                    }
                    try await migrator.delete(institution)
                    Output.line("\(institution.slug) is deleted.")
                } catch {
                    failed += 1
                    Output.error("\(institution.slug): \(Failure.line(for: error))")
                }
            }
            return failed
        }
        guard failed == 0 else { throw Failure("\(failed) institutions could not be removed") }
    }
}
