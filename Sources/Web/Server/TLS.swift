import Events
import Foundation
import NIOCore
import NIOSSL
import ServiceLifecycle
import Synchronization

/// Where the server's certificate comes from, and what it accepts of TLS.
public struct TLS: Sendable {
    /// PEM file: the certificate and its chain.
    public var certificatePath: String
    /// PEM file: the private key.
    public var keyPath: String
    /// How often the files are looked at; a changed pair is served without a restart.
    public var reloadInterval: Duration

    /// - Parameter reloadInterval: how often the files are read again.
    public init(certificatePath: String, keyPath: String, reloadInterval: Duration = .seconds(30)) {
        self.certificatePath = certificatePath
        self.keyPath = keyPath
        self.reloadInterval = reloadInterval
    }

    /// A server that cannot start, in one line for the operator.
    public struct Refusal: Error, CustomStringConvertible {
        /// What is wrong and with which file.
        public let description: String
    }

    /// Suites with authenticated encryption and forward secrecy: RFC 9325 §4.2, BCP 195.
    static let suites: [NIOTLSCipher] = [
        .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    ]

    /// Reads the files.
    /// - Returns: the server's side of TLS with this pair.
    /// - Throws: `Refusal` naming the file that is missing or wrong.
    func read() throws -> TLSConfiguration {
        for path in [certificatePath, keyPath] where !FileManager.default.isReadableFile(atPath: path) {
            throw Refusal(description: "certificate: cannot read \(path)")
        }
        let chain: [NIOSSLCertificate]
        let key: NIOSSLPrivateKey
        do {
            chain = try NIOSSLCertificate.fromPEMFile(certificatePath)
        } catch {
            throw Refusal(description: "certificate: \(certificatePath) is not a PEM certificate")
        }
        do {
            key = try NIOSSLPrivateKey(file: keyPath, format: .pem)
        } catch {
            throw Refusal(description: "certificate: \(keyPath) is not a PEM private key without passphrase")
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        configuration.cipherSuiteValues = Self.suites
        do {
            _ = try NIOSSLContext(configuration: configuration)
        } catch {
            throw Refusal(description: "certificate: \(keyPath) does not belong to \(certificatePath)")
        }
        return configuration
    }
}

/// The pair each new connection is served with: the files as they were when they last made sense.
final class ServedCertificate: Service {
    private struct State {
        var served: TLSConfiguration
        /// Why the files cannot be used at present; told once.
        var problem: String?
    }

    private let tls: TLS
    private let observers: Observers
    private let state: Mutex<State>

    /// - Throws: `TLS.Refusal` naming the file that is missing or wrong.
    init(_ tls: TLS, observers: Observers) throws {
        self.tls = tls
        self.observers = observers
        state = Mutex(State(served: try tls.read()))
    }

    /// The server's configuration; it asks for the pair at each handshake.
    var configuration: TLSConfiguration {
        var configuration = state.withLock { $0.served }
        configuration.sslContextCallback = { [self] _, promise in
            let served = state.withLock { $0.served }
            var pair = NIOSSLContextConfigurationOverride()
            pair.certificateChain = served.certificateChain
            pair.privateKey = served.privateKey
            promise.succeed(pair)
        }
        return configuration
    }

    /// Looks at the files again and again, until a graceful shutdown.
    func run() async throws {
        await cancelWhenGracefulShutdown { [self] in
            while (try? await Task.sleep(for: tls.reloadInterval)) != nil { look() }
        }
    }

    private func look() {
        do {
            let found = try tls.read()
            let isNew = state.withLock { state in
                defer { state = State(served: found) }
                return state.served.certificateChain != found.certificateChain
            }
            if isNew { observers.tell(CertificateReplaced()) }
        } catch {
            let problem = "\(error)"
            let isNews = state.withLock { state in
                defer { state.problem = problem }
                return state.problem != problem
            }
            if isNews { observers.tell(CertificateNotReplaced(reason: problem)) }
        }
    }
}
