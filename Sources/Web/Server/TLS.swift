import Events
import Foundation
import NIOCertificateReloading
import NIOSSL
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

    /// Reads the files and builds the configuration with its reloader.
    /// - Throws: `Refusal` naming the file that is missing or wrong.
    func load(observers: Observers) throws -> (configuration: TLSConfiguration, reloader: TimedCertificateReloader) {
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
        let journal = ReloadJournal(observers: observers)
        let reloader = TimedCertificateReloader(
            configuration: .init(
                refreshInterval: reloadInterval,
                certificateSource: .init(location: .file(path: certificatePath), format: .pem),
                privateKeySource: .init(location: .file(path: keyPath), format: .pem)
            ) {
                $0.onCertificateLoaded = journal.loaded
                $0.onCertificateLoadFailed = journal.failed
            })
        do {
            try reloader.reload()
        } catch {
            throw Refusal(description: "certificate: \(certificatePath) and \(keyPath) cannot be used: \(error)")
        }
        configuration.setCertificateReloader(reloader)
        return (configuration, reloader)
    }
}

/// Says once what became of a changed pair of files: the files are read every few seconds.
private final class ReloadJournal: Sendable {
    private struct State {
        var serving: [NIOSSLCertificateSource]?
        var lastProblem: String?
    }

    private let observers: Observers
    private let state = Mutex(State())

    init(observers: Observers) {
        self.observers = observers
    }

    func loaded(_ change: TimedCertificateReloader.CertificateChainAndKeyPairReloadDiff) {
        let isNew = state.withLock { state in
            defer { state = State(serving: change.currentCertificateChain) }
            return state.serving.map { $0 != change.currentCertificateChain } ?? false
        }
        if isNew { observers.tell(CertificateReplaced()) }
    }

    func failed(_ failure: TimedCertificateReloader.CertificateChainAndKeyPairReloadFailure) {
        let problem = "\(failure.error)"
        let isNews = state.withLock { state in
            defer { state.lastProblem = problem }
            return state.serving != nil && state.lastProblem != problem
        }
        guard isNews else { return }
        observers.tell(CertificateNotReplaced(reason: problem))
    }
}
