/// Why a file of the folder was not taken in. Nothing of it was stored.
public struct FolderFault: Error, Sendable, Hashable {
    /// What is wrong, for programs; each has a sentence on the page.
    public enum Kind: String, Sendable, CaseIterable, JSONEncodable {
        /// Its name does not say whom it is about.
        case name
        /// It is a link, or something else that is no file.
        case notAFile = "not-a-file"
        /// It is larger than any file may be.
        case tooLarge = "too-large"
        /// It cannot be read as what its name says.
        case unusable
        /// The cohort of its name is not there.
        case noCohort = "no-cohort"
        /// The cohort of its name is archived.
        case archivedCohort = "archived-cohort"
        /// Rows cannot be used, and what fits is not stored alone.
        case records
        /// More people would be suspended, or leave their cohorts, than may without a yes. The file waits for one.
        case stopped
        /// An admin said no to that.
        case declined
        /// It waited for a yes, and another of its name came.
        case replaced
        /// Some are missing, but rows cannot be used: so nobody knows who is missing.
        case unsure
        /// Accounts or cohorts changed meanwhile.
        case changed
        /// Servers stopped on it, or could not store it, again and again.
        case program
    }

    /// What is wrong.
    public let kind: Kind
    /// What is known of it besides, in English.
    public let detail: String
    /// How many people it is about.
    public let count: Int?
    /// How many may be without a yes.
    public let most: Int?

    /// - Parameters:
    ///   - detail: the first 300 characters are kept.
    ///   - count: how many people it is about.
    ///   - most: how many may be without a yes.
    public init(_ kind: Kind, _ detail: String = "", count: Int? = nil, most: Int? = nil) {
        self.detail = String(detail.unicodeScalars.prefix(300))
        self.kind = kind
        self.count = count
        self.most = most
    }

    /// What an import's refusal means for a file.
    /// - Parameter says: the sentence for what is wrong with it.
    init(_ error: CaseworkError, says: (FieldRefusal) -> String) throws {
        switch error {
        case .conflict(let refusal, _, _, _):
            func number(_ name: String) -> Int? {
                if case .number(let number)? = refusal.arguments[name] { return number }
                return nil
            }
            switch refusal.code {
            case .tooManyMissing, .tooManySuspended, .tooManyLeaving:
                self.init(.stopped, count: number("missing") ?? 0, most: number("most"))
            case .missingUnsure: self.init(.unsure)
            case .cohortArchived: self.init(.archivedCohort)
            default: self.init(.changed, refusal.code.rawValue)
            }
        case .invalid(let problems): self.init(.unusable, problems.prefix(3).map(says).joined(separator: " "))
        case .tooLarge(let refusal): self.init(.tooLarge, says(FieldRefusal("", refusal)))
        case .notFound: self.init(.noCohort)
        default: throw error
        }
    }
}
