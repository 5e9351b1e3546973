import Foundation

/// Writes each mail as a file `<Message-ID>.eml` into a directory, for trying things out without a mail server. A second
/// copy of a mail takes the place of the first.
public struct DirectoryTransport: MailTransport {
    private let directory: String

    /// - Parameter directory: made when first needed.
    public init(directory: String) {
        self.directory = directory
    }

    /// Writes beside and renames, so that no reader meets half a mail.
    /// - Throws: `DeliveryFailure`, unreachable.
    public func send(_ mail: ComposedMail) async throws {
        let name = String(mail.messageID.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") ? $0 : "-" })
        do {
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            try Data(mail.bytes).write(to: URL(fileURLWithPath: "\(directory)/\(name).eml"), options: .atomic)
        } catch {
            throw DeliveryFailure(.unreachable, "cannot write into \(directory): \(error.localizedDescription)")
        }
    }
}
