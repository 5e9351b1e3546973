/// Finds out whom each row of a roster is about: by its sourcedId, where that stands for somebody here; else as in any other file,
/// among those who have none. Nobody gets the sourcedId of another, but addresses and student numbers may go from one person
/// to another within the file.
enum RosterWho {
    /// A row, and the accounts that its sourcedId, its address and its number belong to; 0 where nobody has them.
    struct Row: Sendable, Equatable {
        var bySource: Int32
        var byAddress: Int32
        var byNumber: Int32
        var hasAddress: Bool
        var hasNumber: Bool
        /// Whether those accounts can be changed by a file.
        var addressFits = true
        var numberFits = true
        /// Whether those accounts have a sourcedId.
        var addressIsSourced = false
        var numberIsSourced = false

        /// What is left where people with a sourcedId are not seen.
        fileprivate var plain: WhoIsWho.Row {
            let isOpen = bySource == 0
            return WhoIsWho.Row(
                byAddress: isOpen && !addressIsSourced ? byAddress : 0,
                byNumber: isOpen && !numberIsSourced ? byNumber : 0, hasNumber: isOpen && hasNumber,
                addressFits: addressFits, numberFits: numberFits)
        }
    }

    /// Whom a row is about.
    enum Verdict: Sendable, Equatable {
        case found(WhoIsWho.Verdict)
        /// The address is somebody's who does not give it up in this file.
        case addressOfAnother
        /// The same of the student number.
        case numberOfAnother
    }

    /// A verdict for each row.
    /// - Parameter rows: no two of them with the same sourcedId, address or number.
    static func verdicts(_ rows: [Row]) -> [Verdict] {
        let plain = WhoIsWho.verdicts(rows.map(\.plain))
        var verdicts = zip(rows, plain).map { verdict($0, $1) }
        var rowOf: [Int32: Int] = [:]
        for (index, verdict) in verdicts.enumerated() {
            if case .found(.known(let id, _, _)) = verdict { rowOf[id] = index }
        }
        // who is refused gives up nothing, which may refuse those who take from them: only those are looked at again, since a
        // column that has slipped by a row makes one chain of the whole file
        var open = rows.indices.filter { takes(rows[$0], verdicts[$0]) != (0, 0) }
        var takersFrom: [Int32: [Int]] = [:]
        for index in open {
            let (address, number) = takes(rows[index], verdicts[index])
            for owner in Set([address, number]) where owner != 0 { takersFrom[owner, default: []].append(index) }
        }
        while let index = open.popLast() {
            let before = verdicts[index]
            let (address, number) = takes(rows[index], before)
            if address != 0, !givesUp(address, { $0.hasAddress && $0.byAddress != address }) {
                verdicts[index] = .addressOfAnother
            } else if number != 0, !givesUp(number, { $0.hasNumber && $0.byNumber != number }) {
                verdicts[index] = .numberOfAnother
            } else {
                continue
            }
            if case .found(.known(let id, _, _)) = before { open += takersFrom[id] ?? [] }
        }
        func givesUp(_ owner: Int32, _ isOther: (Row) -> Bool) -> Bool {
            guard let index = rowOf[owner], case .found = verdicts[index] else { return false }
            return isOther(rows[index])
        }
        return verdicts
    }

    private static func verdict(_ row: Row, _ plain: WhoIsWho.Verdict) -> Verdict {
        let (address, number) = (row.addressIsSourced && row.byAddress != 0, row.numberIsSourced && row.byNumber != 0)
        if row.bySource != 0 {
            return .found(
                .known(
                    row.bySource, takesAddress: row.byAddress != 0 && row.byAddress != row.bySource,
                    takesNumber: row.byNumber != 0 && row.byNumber != row.bySource))
        }
        return switch plain {
        case .new where number: .numberOfAnother
        case .new(let takesAddress): .found(.new(takesAddress: takesAddress || address))
        case .known(let id, let takesAddress, let takesNumber):
            .found(.known(id, takesAddress: takesAddress || address, takesNumber: takesNumber || number))
        case .twice, .torn: .found(plain)
        }
    }

    /// Whose address and number the row is to get; 0 for none.
    private static func takes(_ row: Row, _ verdict: Verdict) -> (address: Int32, number: Int32) {
        switch verdict {
        case .found(.new(let takesAddress)): (takesAddress ? row.byAddress : 0, 0)
        case .found(.known(_, let takesAddress, let takesNumber)):
            (takesAddress ? row.byAddress : 0, takesNumber ? row.byNumber : 0)
        case .found, .addressOfAnother, .numberOfAnother: (0, 0)
        }
    }
}
