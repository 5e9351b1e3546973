import Events
import NIOCore
import Networks
import Synchronization

/// Sits first on the listening socket: bounds the connections of one client, and tells of those that could not be taken.
///
/// The framework itself goes on after an error of that kind, such as used up file descriptors, and tries again in a
/// second; but it keeps it to itself.
final class ListeningGuard: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel

    private let limits: ConnectionLimits
    private let proxies: TrustedProxies
    private let observers: Observers
    private let turnover: ConnectionTurnover
    private var open: [AddressBlock: Int] = [:]

    init(limits: ConnectionLimits, proxies: TrustedProxies, observers: Observers, turnover: ConnectionTurnover) {
        self.limits = limits
        self.proxies = proxies
        self.observers = observers
        self.turnover = turnover
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let connection = unwrapInboundIn(data)
        turnover.changed()
        let client = client(of: connection)
        if let client {
            let count = open[client, default: 0]
            guard count < limits.connectionsPerClient else {
                observers.tell(ConnectionRefused())
                return connection.close(promise: nil)
            }
            open[client] = count + 1
        }
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        connection.closeFuture.hop(to: context.eventLoop).whenComplete { _ in bound.value.closed(client) }
        context.fireChannelRead(data)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? IOError { observers.tell(AcceptFailed(cause: "errno \(error.errnoCode)")) }
        context.fireErrorCaught(error)
    }

    /// Nil where the number is not bounded. An IPv6 client has a network of 64 bits to itself, mostly.
    private func client(of connection: any Channel) -> AddressBlock? {
        guard let address = connection.remoteAddress?.ipAddress.flatMap({ NetworkAddress($0) }),
            !limits.unlimitedClients.contains(where: { $0.contains(address) }), !proxies.contains(address)
        else { return nil }
        return AddressBlock(around: address, host: address.isIPv4 ? 0 : 64)
    }

    private func closed(_ client: AddressBlock?) {
        turnover.changed()
        guard let client, let count = open[client] else { return }
        open[client] = count > 1 ? count - 1 : nil
    }
}

/// How many connections came and went.
final class ConnectionTurnover: Sendable {
    private let count = Atomic<Int>(0)

    func changed() {
        count.add(1, ordering: .relaxed)
    }

    /// Whether there were that many since the last time this was true.
    func reached(_ least: Int) -> Bool {
        guard count.load(ordering: .relaxed) >= least else { return false }
        count.store(0, ordering: .relaxed)
        return true
    }
}
