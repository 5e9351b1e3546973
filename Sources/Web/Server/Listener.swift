import Foundation
import NIOCore
import ServiceLifecycle

extension WebServer {
    /// A server that cannot listen, in one line for the operator.
    public struct Refusal: Error, CustomStringConvertible {
        /// What is wrong with which address and port.
        public let description: String

        init(_ error: IOError, address: String, port: Int) {
            description =
                switch error.errnoCode {
                case EADDRINUSE: "port \(port) on \(address) is in use"
                case EACCES: "port \(port) on \(address) may not be used by this account; choose one from 1024"
                case EADDRNOTAVAIL: "\(address) is not an address of this computer"
                default: "cannot listen on \(address), port \(port): \(String(cString: strerror(error.errnoCode)))"
                }
        }

        init(_: SocketAddressError.UnknownHost, address: String, port: Int) {
            description = "cannot listen on \(address), port \(port): no such host"
        }
    }
}

extension WebServer {
    /// Lets the process have as many open files as the system permits: each connection is one, and mostly 1,024 is what a
    /// process begins with.
    static func raiseFileLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}

/// A service that listens, with errors that say where.
struct Listener: Service {
    let base: any Service
    let address: String
    let port: Int

    func run() async throws {
        do {
            try await base.run()
        } catch let error as IOError {
            throw WebServer.Refusal(error, address: address, port: port)
        } catch let error as SocketAddressError.UnknownHost {
            throw WebServer.Refusal(error, address: address, port: port)
        }
    }
}
