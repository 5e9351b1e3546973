import Foundation
import NIOCore

/// Whether a server can listen, in words.
enum PortCheck {
    /// Tries the port before anything else is started.
    /// - Throws: `Failure` where somebody else has it.
    static func requireFree(address: String, port: Int) throws {
        guard port > 0, var target = ipv4(address, port) else { return }
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafePointer(to: &target) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        guard result != 0 else { return }
        throw failure(errno, address: address, port: port) ?? Failure("cannot listen on \(address):\(port)")
    }

    /// A listening error with the port in it; any other error as it is.
    static func explain(_ error: any Error, address: String, port: Int) -> any Error {
        guard let error = error as? IOError else { return error }
        return failure(error.errnoCode, address: address, port: port) ?? error
    }

    private static func failure(_ code: CInt, address: String, port: Int) -> Failure? {
        switch code {
        case EADDRINUSE: Failure("port \(port) on \(address) is in use; choose another with --port")
        case EACCES: Failure("port \(port) on \(address) may not be used by this account; choose one from 1024")
        case EADDRNOTAVAIL: Failure("\(address) is not an address of this computer")
        default: nil
        }
    }

    private static func ipv4(_ address: String, _ port: Int) -> sockaddr_in? {
        var target = sockaddr_in()
        target.sin_family = sa_family_t(AF_INET)
        target.sin_port = UInt16(clamping: port).bigEndian
        return inet_pton(AF_INET, address, &target.sin_addr) == 1 ? target : nil
    }
}
