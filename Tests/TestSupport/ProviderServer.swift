/// An OpenID provider of one test, by `oidc-provider-mock` (`provider`), a program by others. It speaks plain HTTP.
public final class ProviderServer: Sendable {
    private static let packages = "provider"

    /// Whether the Python packages are there or can be had.
    public static let isAvailable = TestPython.isAvailable(packages)

    /// Its issuer, `http://127.0.0.1:<port>`.
    public let issuer: String
    private let server: PythonServer

    /// Starts it and waits until it listens.
    /// - Parameter claims: of its one user, a JSON object with `sub`.
    public init(claims: String) async throws {
        server = try PythonServer(Self.packages, "oidc-provider-mock") { _ in
            ["--port", "0", "--require-nonce", "true", "--user-claims", claims]
        }
        issuer = try await server.listens {
            $0.text("err").firstMatch(of: #/running on (http://127\.0\.0\.1:[0-9]+)\s/#).map { String($0.output.1) }
        }
    }
}
