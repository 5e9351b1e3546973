import ArgumentParser

/// The address at which people reach the institution, for links.
struct LinkOptions: ParsableArguments {
    @Option(help: ArgumentHelp(Setting.domain.help))
    var domain: String?
    @Option(help: ArgumentHelp(Setting.publicPort.help))
    var publicPort: String?

    /// `https://northfield.example`
    /// - Throws: `Failure` for a bad configuration.
    func origin(of slug: String, file: String?) async throws -> String {
        var settings = try await Settings(
            options: ["domain": domain, "publicPort": publicPort].compactMapValues { $0 }, file: file)
        let domain = settings.required(.domain)
        let port = settings.number(.publicPort, in: 1...65_535)
        try settings.check()
        return "https://\(slug).\(domain)" + (port == 443 ? "" : ":\(port)")
    }
}
