import FoundationEssentials
import Postgres

/// One time that the roster was fetched, or is to be.
public struct RosterRun: Sendable, RowDecodable, JSONEncodable {
    /// How far it is.
    public enum State: String, Sendable, CaseIterable, JSONEncodable {
        case waiting, running, done, failed
    }

    /// Its number.
    public let id: Int
    /// How far it is.
    public let state: State
    /// Who wanted it; nil: the hour had come, or the account is gone.
    public let account: (id: Int, name: String)?
    /// Whether all there is was fetched, and not the changes alone; of one that waits, whether that is wanted.
    public let isWhole: Bool
    /// Whether the server gave less than it said there is, so that nobody counted as missing.
    public let isShort: Bool
    /// How many people it may suspend, or take out of their cohorts; nil: the settings' share.
    public let mostSuspended: Int?
    /// Since when it waits.
    public let askedAt: Date
    /// When it began.
    public let startedAt: Date?
    /// When it ended.
    public let endedAt: Date?
    /// How many records came.
    public let records: Int
    /// What became of them, as in an import's report.
    public let added, updated, unchanged, failed, skipped: Int
    /// How many people were suspended, and how many students left their cohorts.
    public let suspended, leaving: Int
    /// Why it failed.
    public let fault: RosterFault?
    /// The first records that cannot be used, each in an English sentence.
    public let problems: [String]

    static let columns: SQL = """
        r.id, r.state, r.account_id, a.name as account_name, r.whole, r.short, r.most_suspended, r.asked_at, r.started_at, r.ended_at,
        r.records, r.added, r.updated, r.unchanged, r.failed, r.skipped, r.suspended, r.leaving, r.fault, r.detail, r.fault_count,
        r.fault_most, r.problems
        """

    /// Reads `columns`.
    public init(row: Row) throws {
        id = try row.get("id")
        state = State(rawValue: try row.get("state")) ?? .failed
        let name: String? = try row.get("account_name")
        account = try row.get("account_id", as: Int?.self).flatMap { id in name.map { (id, $0) } }
        isWhole = try row.get("whole")
        isShort = try row.get("short")
        mostSuspended = try row.get("most_suspended")
        askedAt = try row.get("asked_at")
        startedAt = try row.get("started_at")
        endedAt = try row.get("ended_at")
        records = try row.get("records")
        added = try row.get("added")
        updated = try row.get("updated")
        unchanged = try row.get("unchanged")
        failed = try row.get("failed")
        skipped = try row.get("skipped")
        suspended = try row.get("suspended")
        leaving = try row.get("leaving")
        problems = try row.get("problems")
        let (detail, count, most): (String?, Int?, Int?) = (
            try row.get("detail"), try row.get("fault_count"), try row.get("fault_most")
        )
        fault = try row.get("fault", as: String?.self).map {
            RosterFault(RosterFault.Kind(rawValue: $0) ?? .program, detail ?? "", count: count, most: most)
        }
    }

    /// Writes the API's object.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("id", id)
            $0.field("state", state)
            $0.field("accountId", account?.id)
            $0.field("whole", isWhole)
            $0.field("short", isShort)
            $0.field("mostSuspended", mostSuspended)
            $0.field("askedAt", askedAt)
            $0.field("startedAt", startedAt)
            $0.field("endedAt", endedAt)
            $0.field("records", records)
            $0.field("added", added)
            $0.field("updated", updated)
            $0.field("unchanged", unchanged)
            $0.field("failed", failed)
            $0.field("skipped", skipped)
            $0.field("suspended", suspended)
            $0.field("leaving", leaving)
            $0.field("fault", fault?.kind)
            $0.field("detail", fault?.detail)
            $0.field("faultCount", fault?.count)
            $0.field("faultMost", fault?.most)
            $0.field("problems", problems)
        }
    }
}

/// Why a roster was not fetched, or not taken in. Nothing of it was stored.
public struct RosterFault: Error, Sendable, Hashable {
    /// What went wrong, for programs; each has a sentence on the page.
    public enum Kind: String, Sendable, CaseIterable, JSONEncodable {
        /// There is no secret, or no key that opens it.
        case secret
        /// Requests must not go there.
        case forbidden
        /// The server does not answer.
        case unreachable
        /// Its certificate cannot be believed.
        case untrusted
        /// No token was given.
        case token
        /// Tokens that were given do not count.
        case unauthorized
        /// It answered a request by a status that refuses it.
        case refused
        /// It asks to be left alone for longer than a run waits.
        case busy
        /// What it answers is not OneRoster.
        case unusable
        /// There is more than is ever taken in.
        case tooLarge = "too-large"
        /// All of it together took too long.
        case tooLong = "too-long"
        /// The server that fetched it stopped on the way.
        case lost
        /// More people would be suspended, or leave their cohorts, than may without a yes.
        case stopped
        /// Some are missing, but other records cannot be used: so nobody knows who is missing.
        case unsure
        /// Records cannot be used, and what fits is not taken in alone.
        case records
        /// Accounts or cohorts changed meanwhile.
        case changed
        /// The database, or the program.
        case program
    }

    /// What went wrong.
    public let kind: Kind
    /// What is known of it besides, in English; perhaps in the server's words.
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
        let clean = detail.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }
        self.detail = String(String.UnicodeScalarView(clean.prefix(300)))
        self.kind = kind
        self.count = count
        self.most = most
    }

    /// What an import's refusal means for a run.
    init(_ error: CaseworkError) {
        switch error {
        case .conflict(let refusal, _, _, _):
            func number(_ name: String) -> Int? {
                if case .number(let number)? = refusal.arguments[name] { return number }
                return nil
            }
            switch refusal.code {
            case .tooManySuspended, .tooManyLeaving:
                self.init(.stopped, count: number("missing"), most: number("most"))
            case .missingUnsure: self.init(.unsure)
            default: self.init(.changed, refusal.code.rawValue)
            }
        case .invalid(let problems):
            let said = problems.prefix(3).map { "\($0.field): \($0.refusal.code.rawValue)" }
            self.init(.unusable, said.joined(separator: "; "))
        case .tooLarge(let refusal): self.init(.tooLarge, refusal.code.rawValue)
        default: self.init(.program, "\(error)")
        }
    }
}
