import CCurl
import Foundation
import Synchronization

/// Sends requests to other servers, all on one thread of its own, which waits for none of them alone.
///
/// Certificates are verified, redirects are not followed, answers are read whole up to a limit and are not unpacked.
public final class HTTPSClient: Sendable {
    /// How requests leave.
    public struct Configuration: Sendable {
        /// Where they may go.
        public var destinations: Destinations
        /// PEM file of authorities to trust besides the system's; nil: none.
        public var certificateAuthority: String?
        /// Sent as `User-Agent`.
        public var agent: String
        /// Whether `https_proxy` of the environment counts. With a proxy nobody here sees where requests go.
        public var usesProxy: Bool

        /// - Parameters:
        ///   - destinations: where they may go.
        ///   - certificateAuthority: PEM file of authorities to trust besides the system's; nil: none.
        ///   - agent: sent as `User-Agent`.
        ///   - usesProxy: whether `https_proxy` of the environment counts.
        public init(
            destinations: Destinations, certificateAuthority: String? = nil, agent: String = "waymark",
            usesProxy: Bool = false
        ) {
            self.destinations = destinations
            self.certificateAuthority = certificateAuthority
            self.agent = agent
            self.usesProxy = usesProxy
        }
    }

    private let configuration: Configuration
    private let loop = TransferLoop()

    /// Connects nothing yet; its thread begins with the first request.
    public init(_ configuration: Configuration) {
        self.configuration = configuration
    }

    deinit { loop.stop() }

    /// Sends a request and reads the answer.
    /// - Throws: `OutgoingFailure`.
    public func send(_ request: OutgoingRequest) async throws -> OutgoingAnswer {
        let transfer = try Transfer(request, configuration)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                transfer.onEnd = { continuation.resume(with: $0) }
                loop.add(transfer)
            }
        } onCancel: {
            loop.cancel(transfer)
        }
    }
}

/// The thread, and what it is told by others.
private final class TransferLoop: @unchecked Sendable {
    /// Connections at the same time: to one host, so that a slow one keeps nobody else waiting, and to all.
    private static let (connectionsOfHost, connections) = (8, 64)

    private struct Orders {
        var added: [Transfer] = []
        var isRunning = false
        var isStopping = false
    }

    private let orders = Mutex(Orders())
    /// libcurl's handle of all transfers. The thread alone uses it; others only wake it.
    private let multi = curl_multi_init()

    deinit { if let multi { curl_multi_cleanup(multi) } }

    func add(_ transfer: Transfer) {
        let begins = orders.withLock { orders in
            orders.added.append(transfer)
            defer { orders.isRunning = true }
            return !orders.isRunning
        }
        if begins {
            Thread.detachNewThread { self.run() }
        } else {
            wake()
        }
    }

    func cancel(_ transfer: Transfer) {
        transfer.isCancelled.store(true, ordering: .releasing)
        wake()
    }

    func stop() {
        orders.withLock { $0.isStopping = true }
        wake()
    }

    private func wake() {
        if let multi { curl_multi_wakeup(multi) }
    }

    private func run() {
        var current: [UnsafeMutableRawPointer: Transfer] = [:]
        curl_multi_set_number(multi, CURLMOPT_MAX_HOST_CONNECTIONS, Self.connectionsOfHost)
        curl_multi_set_number(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, Self.connections)
        while true {
            let (added, isStopping) = orders.withLock { orders in
                defer { orders.added = [] }
                return (orders.added, orders.isStopping)
            }
            for transfer in added {
                guard let multi, curl_multi_add_handle(multi, transfer.handle) == CURLM_OK else {
                    transfer.end(.failure(transfer.failure(.broken, "libcurl cannot start")))
                    continue
                }
                current[transfer.handle] = transfer
            }
            for transfer in current.values where isStopping || transfer.isCancelled.load(ordering: .acquiring) {
                curl_multi_remove_handle(multi, transfer.handle)
                current[transfer.handle] = nil
                transfer.end(.failure(transfer.failure(.cancelled, "nobody waits for the answer any more")))
            }
            if isStopping { return }
            var count: Int32 = 0
            curl_multi_perform(multi, &count)
            while let message = curl_multi_info_read(multi, &count) {
                guard let handle = message.pointee.easy_handle else { continue }
                let outcome = curl_multi_outcome(message)
                curl_multi_remove_handle(multi, handle)  // the message goes with it
                guard let transfer = current.removeValue(forKey: handle) else { continue }
                transfer.end(transfer.result(outcome))
            }
            curl_multi_poll(multi, nil, 0, 60_000, nil)
        }
    }
}
