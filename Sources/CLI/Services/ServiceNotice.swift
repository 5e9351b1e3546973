import Glibc

/// What systemd is told of a service with `Type=notify` (sd_notify(3)): a datagram to the socket that NOTIFY_SOCKET names.
enum ServiceNotice: String {
    /// Requests are answered from now on.
    case ready = "READY=1"
    /// It was told to end, and finishes what it has begun.
    case stopping = "STOPPING=1"

    /// Sends it. Where nobody asked for it, or the socket is gone, nothing happens.
    func send() {
        guard let path = getenv("NOTIFY_SOCKET").map({ Array(String(cString: $0).utf8) }) else { return }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard path.count > 1, path.count < room else { return }
        withUnsafeMutableBytes(of: &address.sun_path) { field in
            field.copyBytes(from: path)
            // the name of an abstract socket is written with @ in place of its first byte
            if field[0] == UInt8(ascii: "@") { field[0] = 0 }
        }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let length = socklen_t(MemoryLayout<sockaddr_un>.size - room + path.count)
        withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { target in
                let text = Array(rawValue.utf8)
                _ = sendto(descriptor, text, text.count, Int32(MSG_NOSIGNAL), target, length)
            }
        }
    }
}
