import Casework
import Events
import Foundation
import Logging
import Outgoing
import Tenancy

/// What every request may use: the institutions, the password workers, the clock and the public name.
public struct Site: Sendable {
    /// The institutions and their connections.
    public let deployment: Deployment
    /// Hashes and checks passwords off the event loop.
    public let passwords: PasswordHasher
    /// The clients that try to sign in.
    public let signIns: SignInClients
    /// The domain below which institutions have their hosts: `localhost` makes `northfield.localhost`.
    public let domain: String
    /// What time it is.
    public let clock: @Sendable () -> Date
    /// Where log lines go.
    public let logger: Logger
    /// Who is told of refusals, losses and failures.
    public let observers: Observers
    /// Reverse proxies that say who sent a request.
    public var proxies = TrustedProxies.none
    /// What dashboards show of cohorts, as long as it stays so.
    public var keptContent = KeptContent()
    /// Looks for viruses in files before anybody sees them; nil: nobody does.
    public var scanner: (any FileScanner)?
    /// Whether mail leaves, from this process or from `waymark work`: else nobody is invited by mail, or gets another password.
    public var sendsMail = false
    /// Whether files of people are taken from a folder, by this process or by `waymark work`.
    public var watchesFolder = false
    /// Requests to other servers; by default to public addresses only.
    public var outgoing = HTTPSClient(.init(destinations: .publicNetwork)) {
        didSet { providers = KnownProviders(outgoing) }
    }
    /// The institutions' OpenID providers, as far as they are known.
    private(set) var providers: KnownProviders
    /// The keys by which secrets are sealed that must come out again; nil: features that need them say so.
    public var secretKeys: SecretKeys?
    /// What `/metrics` shows.
    public let metrics: PrometheusRegistry
    /// How long the requests of each institution took of late.
    public let pace = Pace()
    let server: ServerMetrics
    let readiness: Readiness

    /// - Parameters:
    ///   - observers: who is told of events; see ``Observation``. The password workers have their own.
    ///   - signIns: nil: no client is known yet.
    ///   - metrics: where figures are kept, of this site only.
    ///   - clock: replaced in tests.
    public init(
        deployment: Deployment, passwords: PasswordHasher, domain: String, logger: Logger,
        observers: Observers = .none, signIns: SignInClients? = nil, metrics: PrometheusRegistry = PrometheusRegistry(),
        clock: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.deployment = deployment
        self.passwords = passwords
        self.signIns = signIns ?? SignInClients(observers: observers)
        self.domain = domain.lowercased()
        self.clock = clock
        self.logger = logger
        self.observers = observers
        self.metrics = metrics
        server = ServerMetrics(factory: metrics)
        providers = KnownProviders(outgoing)
        readiness = Readiness(deployment: deployment, observers: observers)
        SiteFigures.add(of: self, to: metrics)
    }

    /// The keys by which secrets are sealed.
    /// - Throws: `CaseworkError.conflict`, which says what the operator has to set, where there are none.
    func requireSecretKeys() throws -> SecretKeys {
        guard let secretKeys else { throw CaseworkError.conflict(Refusal(.noSecretKeys)) }
        return secretKeys
    }
}
