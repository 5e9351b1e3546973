import Casework
import Events
import Foundation
import Mail
import ServiceLifecycle
import Synchronization
import Tenancy

/// Plans and sends the mail of all institutions, until the shutdown.
///
/// Several may run, in as many processes and on as many servers: each takes a mail for itself under a lease, which it makes
/// longer for as long as it sends. Whoever dies leaves the mail to the next; it goes out twice only where the mail server
/// had said yes and the database had yet to hear of it, and then with the same Message-ID.
public final class MailWorker: Service {
    /// How it works, and in whose name.
    public struct Configuration: Sendable {
        /// The way for mail to leave.
        public var transport: any MailTransport
        /// The address mail comes from; `{institution}` stands for the institution's slug.
        public var sender: String
        /// The domain below which institutions have their hosts.
        public var domain: String
        /// The port in links.
        public var port: Int
        /// Seconds for which a mail is taken, and taken again while it is being sent.
        public var lease = 60.0
        /// How long to wait where nothing was due.
        public var interval = Duration.seconds(5)
        /// How long nothing is sent once no mail could leave; doubled each time, 60 times as long at most.
        public var pause = Duration.seconds(5)
        /// What time it is.
        public var clock: @Sendable () -> Date = { Date() }

        /// - Parameters:
        ///   - sender: the address mail comes from; `{institution}` stands for the institution's slug.
        ///   - domain: the domain below which institutions have their hosts.
        ///   - port: the port in links.
        public init(transport: any MailTransport, sender: String, domain: String, port: Int = 443) {
            self.transport = transport
            self.sender = sender
            self.domain = domain
            self.port = port
        }
    }

    private let deployment: Deployment
    private let configuration: Configuration
    private let catalogues: [String: Catalogue]
    private let observers: Observers
    /// The next pause; nil while mail leaves.
    private let pausing = Mutex<Duration?>(nil)

    /// - Parameter deployment: its own, which it closes at its end: no request shares the connections. One for each partition
    ///   is enough.
    /// - Throws: where the program's texts cannot be read.
    public init(deployment: Deployment, _ configuration: Configuration, observers: Observers = .none) throws {
        self.deployment = deployment
        self.configuration = configuration
        self.observers = observers
        catalogues = try PageKit().catalogues
    }

    /// Works until the shutdown; a mail on its way then has ten seconds.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: await self.round())
            }
        }
        await deployment.close()
    }

    /// Closes the connections, where it does not run.
    public func close() async { await deployment.close() }

    /// Looks once into each institution for which there is something to do.
    /// - Returns: how long to wait before the next round.
    public func round() async -> Duration {
        do {
            var hasMore = false
            for institution in try await deployment.institutions(dueBy: configuration.clock()) {
                guard !Task.isCancelled else { break }
                do {
                    hasMore = try await visit(institution) || hasMore
                } catch EntryRefusal.suspended {
                    continue
                } catch  where !Task.isCancelled {
                    observers.tell(MailWorkFailed(error, institution: institution.slug))
                }
                if let pause = pausing.withLock({ $0 }) { return pause }
            }
            return hasMore ? .zero : configuration.interval
        } catch {
            if !Task.isCancelled { observers.tell(MailWorkFailed(error)) }
            return configuration.interval
        }
    }

    /// So many mails at once, then it is the next institution's turn.
    private static let turn = 50

    /// - Returns: whether there may be more to do at once.
    package func visit(_ institution: Institution) async throws -> Bool {
        let outbox = Outbox(work: try deployment.system(of: institution))
        let now = configuration.clock
        _ = try await outbox.plan(at: now(), host: host(of: institution))
        _ = try await outbox.planReports(at: now(), host: host(of: institution))
        _ = try await outbox.answerResets(host: host(of: institution))
        var left = Self.turn
        while left > 0, !Task.isCancelled,
            let mail = try await outbox.take(at: now(), lease: configuration.lease, host: host(of: institution)),
            try await deliver(mail, outbox, institution)
        { left -= 1 }
        try await outbox.schedule()
        return left == 0
    }

    /// - Returns: false where no mail can leave just now.
    private func deliver(_ mail: Outbox.Taken, _ outbox: Outbox, _ institution: Institution) async throws -> Bool {
        let now = configuration.clock
        let start = ContinuousClock.now
        guard let letter = try await outbox.letter(mail, at: now()) else {
            try await outbox.settle(mail, .dropped, at: now())
            return true
        }
        let composed: ComposedMail
        do {
            composed = try message(letter, mail, institution).composed()
        } catch ComposingError.address {
            // of the sender or the recipient: either way the same mail again is of no use
            try await outbox.settle(
                mail, .failed(reason: "No mail can be addressed to \(letter.recipient.email)."), at: now())
            return true
        }
        guard let failure = await send(composed, mail, outbox) else {
            pausing.withLock { $0 = nil }
            try await outbox.settle(mail, .sent(milestones: letter.milestones), at: now())
            observers.tell(MailSent(since: start))
            return true
        }
        observers.tell(MailFailed(failure, institution: institution.slug, since: start))
        if failure.kind == .refused || mail.attempts >= Self.attempts {
            try await outbox.settle(mail, .failed(reason: failure.reason), at: now())
        } else {
            let again = now().addingTimeInterval(Self.delay(after: mail.attempts))
            try await outbox.settle(mail, .postponed(until: again, reason: failure.reason), at: now())
        }
        guard failure.kind == .unreachable else { return true }
        pausing.withLock { $0 = min($0.map { $0 * 2 } ?? configuration.pause, configuration.pause * 60) }
        return false
    }

    /// A day and a half, by the delays below.
    private static let attempts = 40

    /// Seconds: a minute, 4, 9, 16 … an hour.
    static func delay(after attempts: Int) -> Double {
        let tried = Double(min(max(attempts, 1), 60))
        return min(60 * tried * tried, 3_600)
    }

    /// Sends while the lease is kept; nil where the mail has left.
    private func send(_ composed: ComposedMail, _ mail: Outbox.Taken, _ outbox: Outbox) async -> DeliveryFailure? {
        await withTaskGroup(of: Result<Void, DeliveryFailure>?.self) { group in
            group.addTask { [transport = configuration.transport] in
                do {
                    try await transport.send(composed)
                    return .success(())
                } catch let failure as DeliveryFailure {
                    return .failure(failure)
                } catch {
                    return .failure(DeliveryFailure(.unreachable, String(describing: error)))
                }
            }
            group.addTask { [configuration] in
                while (try? await Task.sleep(for: .seconds(configuration.lease / 3))) != nil {
                    _ = try? await outbox.extend(mail, at: configuration.clock(), lease: configuration.lease)
                }
                return nil
            }
            while let result = await group.next() {
                guard let result else { continue }
                group.cancelAll()
                if case .failure(let failure) = result { return failure }
                return nil
            }
            return nil
        }
    }

    private func host(of institution: Institution) -> String { "\(institution.slug).\(configuration.domain)" }

    private func message(
        _ outgoing: Outgoing, _ mail: Outbox.Taken, _ institution: Institution
    ) -> MailMessage {
        let chosen = outgoing.recipient.language.flatMap { catalogues[$0] == nil ? nil : $0 }
        let language = chosen ?? Catalogue.languages[0]
        let words = catalogues[language] ?? Catalogue(empty: language)
        let port = configuration.port == 443 ? "" : ":\(configuration.port)"
        // of the configuration, never of a request: whoever asked for the mail must not say where its link leads
        let origin = "https://\(host(of: institution))\(port)"
        let said: (subject: String, text: String, page: String, unsubscribe: String?)
        switch outgoing {
        case .list(let letter):
            let written = WrittenMail(letter: letter, origin: origin, words: words)
            said = (written.subject, written.text, written.page, written.unsubscribe)
        case .access(let letter):
            let written = AccessMail(letter: letter, origin: origin, words: words)
            said = (written.subject, written.text, written.page, nil)
        case .report(let letter):
            let written = ReportMail(letter: letter, origin: origin, words: words)
            said = (written.subject, written.text, written.page, nil)
        }
        return MailMessage(
            from: Mailbox(
                name: outgoing.institution,
                address: configuration.sender.replacing("{institution}", with: institution.slug)),
            to: Mailbox(name: outgoing.recipient.name, address: outgoing.recipient.email),
            subject: said.subject, text: said.text, html: said.page, messageID: mail.messageID,
            date: configuration.clock(), language: language, unsubscribe: said.unsubscribe)
    }
}
