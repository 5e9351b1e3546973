extension SealedColumn {
    /// Every column that holds sealed secrets: what `waymark secrets rotate` seals anew.
    public static let all: [SealedColumn] = [Authenticators.seeds, .providerSecret, .rosterSecret]
}
