import ArgumentParser

/// The address at which people reach the institution, for links.
struct LinkOptions: ParsableArguments {
    @Option(help: ArgumentHelp(Setting.domain.help))
    var domain: String?
    @Option(help: "Port in the printed link, where it is not 443.")
    var publicPort: Int?

    /// `https://northfield.example`
    /// - Throws: `Failure` for a bad configuration.
    func origin(of slug: String, file: String?) async throws -> String {
        var settings = try await Settings(
            options: ["domain": domain].compactMapValues { $0 }, file: file)
        let domain = settings.required(.domain)
        try settings.check()
        return "https://\(slug).\(domain)" + (publicPort.map { ":\($0)" } ?? "")
    }
}
