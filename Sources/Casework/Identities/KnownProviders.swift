import Outgoing
import Synchronization

/// What this process remembers of providers: where their endpoints are, and by what keys they sign.
public final class KnownProviders: Sendable {
    /// How long answers are good, and how soon somebody is asked again.
    struct Patience: Sendable {
        /// For how long an answer is good.
        var good = Duration.seconds(3_600)
        /// How soon the keys are asked for again because a token names one that is not among them.
        var pause = Duration.seconds(30)
        /// How soon who has not answered, or badly, is asked again.
        var afterFailure = Duration.seconds(5)
        /// Seconds for one answer.
        var answer = 10
    }

    private let client: HTTPSClient
    private let patience: Patience
    private let providers = Mutex<[String: KnownProvider]>([:])

    /// More issuers than that are not remembered at once.
    private static let most = 2_000

    /// Knows none yet.
    /// - Parameter client: asks them.
    public convenience init(_ client: HTTPSClient) {
        self.init(client, patience: Patience())
    }

    init(_ client: HTTPSClient, patience: Patience) {
        self.client = client
        self.patience = patience
    }

    func provider(_ issuer: String) -> KnownProvider {
        providers.withLock { providers in
            if let known = providers[issuer] { return known }
            if providers.count >= Self.most { providers = [:] }
            let new = KnownProvider(issuer: issuer, client: client, patience: patience)
            providers[issuer] = new
            return new
        }
    }

    /// Asks a provider for its discovery document and keys, as they are now: what an admin tries before anybody signs in.
    /// - Returns: why it cannot be used, for people; nil where it can.
    public func fault(of issuer: String) async -> (isReachable: Bool, reason: String)? {
        do {
            try await provider(issuer).refresh()
            return nil
        } catch {
            if case .unreachable(let reason) = error { return (false, reason) }
            return (true, error.reason)
        }
    }
}

/// One provider.
final class KnownProvider: Sendable {
    /// Bytes of an answer.
    private static let mostBytes = 512 << 10

    let issuer: String
    private let client: HTTPSClient
    private let patience: KnownProviders.Patience
    private let document = Remembered<ProviderDocument>()
    private let keys = Remembered<[JSONWebKey]>()

    init(issuer: String, client: HTTPSClient, patience: KnownProviders.Patience) {
        self.issuer = issuer
        self.client = client
        self.patience = patience
    }

    /// What it tells of itself, at most an hour old.
    func discovered() async throws(ProviderFault) -> ProviderDocument { try await discovered(within: patience.good) }

    /// The keys that may have signed a token. Where it names one that is not known, the provider may have a new one: it is asked
    /// again, at most every half minute, whatever tokens come.
    func keys(for token: SignedToken) async throws(ProviderFault) -> [JSONWebKey] {
        let address = try await discovered().keys
        let known = token.candidates(among: try await keys(at: address, within: patience.good))
        if !known.isEmpty { return known }
        return token.candidates(among: try await keys(at: address, within: patience.pause))
    }

    /// Asks for its document and keys, whatever is known.
    func refresh() async throws(ProviderFault) {
        _ = try await keys(at: discovered(within: .zero).keys, within: .zero)
    }

    private func discovered(within age: Duration) async throws(ProviderFault) -> ProviderDocument {
        let address = ProviderDocument.address(of: issuer)
        return try await document.value(of: address, within: age, afterFailure: patience.afterFailure) {
            () async throws(ProviderFault) in
            try ProviderDocument(try await self.fetch(address), issuer: self.issuer)
        }
    }

    private func keys(at address: String, within age: Duration) async throws(ProviderFault) -> [JSONWebKey] {
        try await keys.value(of: address, within: age, afterFailure: patience.afterFailure) {
            () async throws(ProviderFault) in
            let body = try await self.fetch(address)
            guard let object = try? JSONObject(parsing: body), let found = JSONWebKey.keys(of: object) else {
                throw .unusable("its keys are no JWK set")
            }
            guard !found.isEmpty else {
                throw .unusable("none of its keys is RSA of 2048 bits or more, or P-256")
            }
            return found
        }
    }

    private func fetch(_ address: String) async throws(ProviderFault) -> [UInt8] {
        try await ask(OutgoingRequest("GET", address, headers: [("Accept", "application/json")])).body
    }

    /// One request of ours, answered by 200.
    func ask(_ request: OutgoingRequest) async throws(ProviderFault) -> OutgoingAnswer {
        var request = request
        request.limits = .init(connecting: 5, whole: patience.answer, answer: Self.mostBytes)
        let answer: OutgoingAnswer
        do {
            answer = try await client.send(request)
        } catch let failure as OutgoingFailure {
            switch failure.kind {
            case .tooLong, .invalid: throw .unusable(failure.description)
            case .cancelled: throw .abandoned
            default: throw .unreachable(failure.description)
            }
        } catch {
            throw .unreachable("\(error)")
        }
        guard answer.status == 200 else {
            throw .unusable("it answered \(answer.status) at \(String(request.url.prefix(200)))")
        }
        return answer
    }
}

/// The newest answer of one address. Who wants it while it is being asked for waits for the same question; after a failure nobody
/// asks for a while, so that a provider that is away keeps few people waiting, and is not asked by everybody.
actor Remembered<Value: Sendable> {
    private typealias Instant = ContinuousClock.Instant

    private var known: (value: Value, since: Instant, address: String)?
    private var failed: (fault: ProviderFault, since: Instant, address: String)?
    private var isAsking = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// The answer.
    /// - Parameters:
    ///   - age: how old it may be.
    ///   - pause: how soon it is asked for again after a failure, if `age` is not less.
    func value(
        of address: String, within age: Duration, afterFailure pause: Duration,
        by fetch: @Sendable () async throws(ProviderFault) -> Value
    ) async throws(ProviderFault) -> Value {
        let start = Instant.now
        while true {
            if let known, known.address == address, known.since.advanced(by: age) > start { return known.value }
            if let failed, failed.address == address, failed.since.advanced(by: min(age, pause)) > start {
                throw failed.fault
            }
            guard isAsking else { break }
            await withCheckedContinuation { waiting.append($0) }
        }
        isAsking = true
        defer {
            isAsking = false
            for one in waiting { one.resume() }
            waiting = []
        }
        do {
            let value = try await fetch()
            known = (value, .now, address)
            failed = nil
            return value
        } catch {
            // whoever went away has learnt nothing of the provider
            if error != .abandoned { failed = (error, .now, address) }
            throw error
        }
    }
}
