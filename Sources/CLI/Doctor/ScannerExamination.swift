import Casework
import Events
import Web

/// What `doctor` finds about the virus scanner: whether it says of a harmless word that it is clean.
struct ScannerExamination {
    let address: ClamdScanner.Address?
    /// How long it may let one wait, in milliseconds.
    var patience: Int64 = 10_000

    /// One finding.
    func finding() async -> Finding {
        guard let address else { return .good("virus scanner", "none is given: files are taken unseen") }
        let advice = "check virusScanner, and that clamd runs; until it answers no file is taken"
        do {
            let scanner = ClamdScanner(address, observers: .none, patience: patience)
            let found = try await scanner.finding(in: StoredPieces { $0 == 0 ? Array("Waymark".utf8) : nil })
            guard let found else { return .good("virus scanner", "answers") }
            return .bad("virus scanner", "finds \(found) in a harmless word", advice)
        } catch {
            return .bad("virus scanner", "does not say whether a harmless word is clean", advice)
        }
    }
}
