import Tenancy

extension Digest {
    /// The digest of bytes and of all that a spool holds behind them, 32 bytes.
    /// - Throws: `CaseworkError.unavailable` where the spool cannot be read.
    public static func sha256(_ start: [UInt8], _ rest: Spool) async throws -> [UInt8] {
        let running = RunningDigest()
        running.add(start)
        for try await piece in rest { running.add(piece) }
        return running.finish()
    }
}
