/// Finds out whom each row of a file is about: by student number where the row and an account have one, else by e-mail
/// address. A file is judged as a whole, so numbers and addresses may also go from one person to another within it.
///
/// Reads no database: `Row` holds what the database said about a row's address and number.
struct WhoIsWho {
    /// A row, and the accounts that its address and its number belong to; 0 where nobody has them.
    struct Row: Sendable, Equatable {
        var byAddress: Int32
        var byNumber: Int32
        var hasNumber: Bool
        /// Whether those accounts can be changed by a file: students who are not archived.
        var addressFits: Bool
        var numberFits: Bool
    }

    /// Whom a row is about.
    enum Verdict: Sendable, Equatable {
        /// Nobody yet. Its address may be one that an account gives up in this file.
        case new(takesAddress: Bool)
        /// That account. Address or number may be those that another one gives up in this file.
        case known(Int32, takesAddress: Bool, takesNumber: Bool)
        /// The same person as that row, which has another address.
        case twice(Int)
        /// Two accounts, of which neither gives up what the other is to get.
        case torn
    }

    private let rows: [Row]
    private var rowOfAddress: [Int32: Int] = [:]
    private var verdicts: [Verdict?]

    /// - Parameter rows: no two of them with the same address or number.
    init(_ rows: [Row]) {
        self.rows = rows
        verdicts = Array(repeating: nil, count: rows.count)
        for (index, row) in rows.enumerated() where row.byAddress != 0 { rowOfAddress[row.byAddress] = index }
    }

    /// A verdict for each row.
    static func verdicts(_ rows: [Row]) -> [Verdict] {
        var who = WhoIsWho(rows)
        for (index, row) in rows.enumerated()
        where row.byNumber != 0 && (row.byAddress == 0 || row.byAddress == row.byNumber) {
            who.find(index)
        }
        for (index, row) in rows.enumerated() where row.byNumber != 0 && who.verdicts[index] == nil {
            who.follow(index)
        }
        return rows.indices.map { index in
            if let verdict = who.verdicts[index] { return verdict }
            let row = rows[index]
            return row.byAddress == 0
                ? .new(takesAddress: false) : .known(row.byAddress, takesAddress: false, takesNumber: false)
        }
    }

    /// The row is about the account that has its number. That account's own address is free then, and the row that has it is
    /// about somebody else; and so on.
    private mutating func find(_ start: Int) {
        var next: Int? = start
        while let index = next {
            next = nil
            let row = rows[index]
            let keepsAddress = row.byAddress == row.byNumber
            verdicts[index] = .known(
                row.byNumber, takesAddress: row.byAddress != 0 && !keepsAddress, takesNumber: false)
            guard !keepsAddress, row.numberFits, let other = rowOfAddress[row.byNumber], verdicts[other] == nil else {
                return
            }
            if rows[other].byNumber != 0 {
                next = other
            } else {
                verdicts[other] = rows[other].hasNumber ? .new(takesAddress: true) : .twice(index)
            }
        }
    }

    /// The row's address and number are those of two people. It is about the one with the address if the other gives the number
    /// up, which that one's own row says; around a circle everybody does.
    private mutating func follow(_ start: Int) {
        var path: [Int] = []
        var walked: Set<Int> = []
        var index = start
        var isGivenUp = false
        while walked.insert(index).inserted {
            path.append(index)
            guard let other = rowOfAddress[rows[index].byNumber], rows[other].addressFits, rows[other].hasNumber else {
                break
            }
            if let verdict = verdicts[other] {
                isGivenUp = verdict == .known(rows[other].byAddress, takesAddress: false, takesNumber: true)
                break
            }
            if rows[other].byNumber == 0 || walked.contains(other) {
                isGivenUp = true
                break
            }
            index = other
        }
        for index in path {
            verdicts[index] =
                isGivenUp ? .known(rows[index].byAddress, takesAddress: false, takesNumber: true) : .torn
        }
    }
}
