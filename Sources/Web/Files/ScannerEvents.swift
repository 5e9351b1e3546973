import Events

/// The virus scanner could not say whether a file is clean, so the file was not taken.
public struct ScannerSilent: Event {
    /// `scanner_silent`.
    public static let name = "scanner_silent"
    /// Nobody can send a file.
    public let severity = Severity.error
    /// `unreachable`: nobody listens; `broken_off`: it closed the connection, or was silent for too long; `unclear`: it answered
    /// something else.
    public let cause: String
    /// What to do about it.
    public let message =
        "A file was refused because the virus scanner could not say whether it is clean; see virusScanner."
}

/// The virus scanner found something in a file, which was not stored.
public struct VirusFound: Event {
    /// `virus_found`.
    public static let name = "virus_found"
    /// Something was refused.
    public let severity = Severity.warning
    /// What happened.
    public let message = "A file was refused because the virus scanner found something in it; its sender was told."
}
