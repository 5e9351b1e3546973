/// Text keys of extensions: later dates for single students.
enum ExtensionText: String, TextKey {
    static let feature = "extensions"

    case heading, headingText, none, noneText, waiting, laterDate, newDate, word, grant, decline, revoke
    case extended, asked, declined, revoked, regular, grantedTo
    case ask, wishedDate, reason, send, withdraw
    case stepAsked = "step-asked"
    case stepWithdrawn = "step-withdrawn"
    case stepGranted = "step-granted"
    case stepDeclined = "step-declined"
    case stepRevoked = "step-revoked"
}
