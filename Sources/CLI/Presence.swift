import Casework
import Events
import Glibc
import ServiceLifecycle
import Tenancy
import Web

/// Says in the database, once a minute, that this process is there and how it does, for `waymark status`; and that it is
/// about to end, and has ended.
struct Presence: Service {
    private let note: ServerNote
    private let database: Deployment.Configuration
    private let observers: Observers
    private let interval: Duration
    private let slowest: @Sendable () -> [InstitutionTimes]

    /// - Parameters:
    ///   - database: a connection is opened for each minute's word, and not kept.
    ///   - slowest: the institutions whose requests took longest of late.
    init(
        _ program: ServerNote.Program, database: Deployment.Configuration, observers: Observers,
        interval: Duration = .seconds(60), slowest: @escaping @Sendable () -> [InstitutionTimes] = { [] }
    ) {
        note = ServerNote(program, host: Self.host, version: Waymark.version)
        self.database = database
        self.observers = observers
        self.interval = interval
        self.slowest = slowest
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await write(isDraining: false)
                try? await Task.sleep(for: interval)
            }
        }
        await write(isDraining: true)
    }

    /// Runs `body`, and takes the word back when it has ended.
    func during(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch {
            await leave()
            throw error
        }
        await leave()
    }

    private func write(isDraining: Bool) async {
        await ask { try await $0.write(note, isDraining: isDraining, slowest: slowest()) }
    }

    private func leave() async {
        await ask { try await $0.remove(note) }
    }

    private func ask(_ question: (Deployment) async throws -> Void) async {
        let deployment = Deployment.small(database, observers: observers)
        do {
            try await question(deployment)
        } catch {
            if !Task.isCancelled { observers.tell(PresenceUnsaid(error)) }
        }
        await deployment.close()
    }

    private static var host: String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// This process could not say that it is there.
struct PresenceUnsaid: Event {
    static let name = "presence_unsaid"
    let severity = Severity.warning
    let cause: String
    let reason: String

    init(_ error: any Error) {
        cause = Unavailable.cause(of: error)
        reason = Failure.line(for: error)
    }

    var message: String { "waymark status does not see this process, which could not say that it is there: \(reason)." }
    var details: [String: String] { [:] }
}
