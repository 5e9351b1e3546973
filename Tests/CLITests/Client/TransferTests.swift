import Foundation
import Hummingbird
import NIOCore
import TestSupport
import Testing

@testable import CLI

/// Answers that never end, in length or in time.
@Suite struct TransferTests {
    /// What a request ends with, told by a thread that the server does not need.
    private func outcome(
        _ path: String, port: Int, authority: String? = nil, limits: Transfer.Limits
    ) async -> Result<Client.Answer, any Error> {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(
                    returning: Result {
                        let origin = "https://northfield.localhost:\(port)"
                        return try Transfer(origin: origin, certificateAuthority: authority, limits: limits)
                            .perform("GET", origin + path, fields: [], body: [])
                    })
            }
        }
    }

    private func said(_ outcome: Result<Client.Answer, any Error>) -> String {
        switch outcome {
        case .success(let answer): "\(answer.status)"
        case .failure(let error): "\(error)"
        }
    }

    @Test(arguments: [(0, "200"), (1, "has more than 1 MiB")])
    func `an answer has an end`(excess: Int, said: String) async throws {
        let fields = 4_096
        try await RunningServer.with(
            names: ["northfield.localhost"],
            routes: { router in
                router.get("/long") { _, _ in
                    ByteBuffer(repeating: 65, count: (1 << 20) - (excess == 0 ? fields : 0))
                }
            }
        ) { server in
            let outcome = await outcome(
                "/long", port: server.port, authority: server.certificate.certificatePath,
                limits: .init(answer: 1 << 20))
            #expect(self.said(outcome).contains(said))
        }
    }

    @Test func `a server that stops in the middle of an answer is told from one that does not answer`() async throws {
        let (release, releases) = AsyncStream<Void>.makeStream()
        try await RunningServer.with(
            names: ["northfield.localhost"],
            routes: { router in
                router.get("/half") { _, _ in
                    Response(
                        status: .ok,
                        body: .init { writer in
                            try await writer.write(ByteBuffer(string: "half"))
                            for await _ in release {}
                            try await writer.finish(nil)
                        })
                }
            }
        ) { server in
            let outcome = await outcome(
                "/half", port: server.port, authority: server.certificate.certificatePath, limits: .init(whole: 4))
            releases.finish()
            #expect(said(outcome).contains("no whole answer within 4 s"), "\(said(outcome))")
        }
    }

    @Test func `a port where nobody takes the call does not answer`() async throws {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let port = withUnsafeMutablePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                guard bind(socket, generic, length) == 0, listen(socket, 4) == 0 else { return 0 }
                getsockname(socket, generic, &length)
                return Int(UInt16(bigEndian: address.pointee.sin_port))
            }
        }
        try #require(port > 0)
        let outcome = await outcome("/", port: port, limits: .init(connecting: 1))
        #expect(said(outcome) == "https://northfield.localhost:\(port) does not answer")
    }
}
