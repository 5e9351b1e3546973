import Casework
import Foundation

/// What `doctor` finds about the keys of stored secrets. That they can be read was seen before.
struct SecretKeysExamination {
    let keys: SecretKeys?
    /// Their file; nil where they were given otherwise.
    let path: String?
    /// Whether this is a container, in which nobody else lives. Where `/run` is a file system of its own, only its secrets say so.
    var isContained = ["/.dockerenv", "/run/.containerenv", "/run/secrets"].contains {
        FileManager.default.fileExists(atPath: $0)
    }

    /// One finding.
    func finding() -> Finding {
        guard let keys else {
            return .good("secret keys", "none are given: authenticator apps and single sign-on cannot be set up")
        }
        if let path, !isContained, !PrivateFile.isPrivate(path) {
            return .bad(
                "secret keys", "others than its owner may read \(path)",
                "chmod 600 \(path), make a new key and bring all secrets under it (waymark secrets)")
        }
        let older = keys.keys.count - 1
        return .good("secret keys", "\(keys.newest) seals" + (older > 0 ? ", \(older) more to open older secrets" : ""))
    }
}
