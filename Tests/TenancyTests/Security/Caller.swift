/// Who asks the database. The five roles, an API token, what is no person, the operator, and a login that never entered.
enum Caller: String, CaseIterable, Sendable {
    case owner, admin, token, director, manager, staff, student, gate, system, reporter, none

    /// The account of `SecurityFixture`; those without one share the student's, so that "own" means something.
    var account: Int {
        switch self {
        case .admin, .token: 1
        case .director: 2
        case .manager: 3
        case .staff: 4
        default: 5
        }
    }

    /// The database role it ends up with.
    func role(in institution: Int) -> String {
        switch self {
        case .owner: "waymark_owner"
        case .token: "inst_\(institution)_admin"
        case .none: "waymark_app_1"
        default: "inst_\(institution)_\(rawValue)"
        }
    }

    /// In place of the SHA-256 of a session's secret.
    static func bytes(session account: Int) -> [UInt8] { bytes(account, 0x5e) }
    /// In place of the SHA-256 of an API token's secret.
    static func bytes(token id: Int) -> [UInt8] { bytes(id, 0xa9) }

    static func hash(session account: Int) -> String { hex(bytes(session: account)) }
    static func hash(token id: Int) -> String { hex(bytes(token: id)) }

    private static func bytes(_ number: Int, _ filling: UInt8) -> [UInt8] {
        [UInt8](repeating: filling, count: 28)
            + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        "\\x" + bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}
