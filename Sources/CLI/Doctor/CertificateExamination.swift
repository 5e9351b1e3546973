import Certificates
import Foundation

/// What `doctor` finds about the server's certificate.
struct CertificateExamination {
    let certificate: String?
    let key: String?
    let domain: String

    /// Validity, key and names; one finding where a file is missing.
    func findings(now: Date = Date()) -> [Finding] {
        guard let certificate, let key, let parsed = CertificateAuthority.certificate(certificate) else {
            return [Self.validity(of: key == nil ? nil : certificate, now: now)]
        }
        return [Self.validity(parsed, now), match(parsed, key), names(parsed)]
    }

    /// How long the certificate of a file is valid.
    static func validity(of file: String?, now: Date) -> Finding {
        guard let file else { return .bad("certificate", "not configured", "set certificate and key to PEM files") }
        guard let parsed = CertificateAuthority.certificate(file) else {
            return .bad("certificate", "\(file) is no readable PEM certificate", "check the path and the rights")
        }
        return validity(parsed, now)
    }

    private static func validity(_ certificate: Certificate, _ now: Date) -> Finding {
        guard let start = certificate.notBefore, let end = certificate.notAfter else {
            return .bad("certificate", "says no time of validity", "renew it; serve reads it again by itself")
        }
        let days = Int(end.timeIntervalSince(now) / 86_400)
        if now < start {
            return .bad("certificate", "not valid before \(start.formatted(.iso8601))", "check the clock")
        }
        if now >= end {
            return .bad("certificate", "has expired", "renew it; serve reads it again by itself")
        }
        if days < 14 {
            return .bad("certificate", "expires in \(days) days", "renew it; serve reads it again by itself")
        }
        return .good("certificate", "valid for \(days) days")
    }

    private func match(_ certificate: Certificate, _ path: String) -> Finding {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8), let key = try? PrivateKey(pem: text) else {
            return .bad("key", "\(path) is no readable PEM private key", "check the path and the rights")
        }
        return certificate.belongs(to: key)
            ? .good("key", "belongs to the certificate")
            : .bad("key", "\(path) does not belong to the certificate", "use the key the certificate was made for")
    }

    private func names(_ certificate: Certificate) -> Finding {
        let names = certificate.dnsNames.map { $0.lowercased() }
        guard names.contains(where: { $0.hasSuffix("." + domain.lowercased()) }) else {
            return .bad(
                "names", "the certificate names no host below \(domain)",
                "get one for *.\(domain), or with each institution's host")
        }
        return .good("names", names.joined(separator: ", "))
    }
}
