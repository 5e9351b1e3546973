import TestSupport
import Testing

@testable import Casework

private func row(
    _ source: Int32, _ address: Int32, _ number: Int32 = 0, addressIsSourced: Bool = false,
    numberIsSourced: Bool = false,
    hasNumber: Bool = false
) -> RosterWho.Row {
    RosterWho.Row(
        bySource: source, byAddress: address, byNumber: number, hasAddress: true,
        hasNumber: hasNumber || number != 0,
        addressIsSourced: addressIsSourced, numberIsSourced: numberIsSourced)
}

/// Whom the rows of a roster are about.
@Suite struct RosterWhoTests {
    private func known(_ id: Int32, address: Bool = false, number: Bool = false) -> RosterWho.Verdict {
        .found(.known(id, takesAddress: address, takesNumber: number))
    }

    @Test func `a row is about whom its sourcedId stands for, whatever else it says`() {
        #expect(RosterWho.verdicts([row(1, 1)]) == [known(1)])
        #expect(RosterWho.verdicts([row(1, 0)]) == [known(1)])
        #expect(RosterWho.verdicts([row(1, 2)]) == [.addressOfAnother])
        #expect(RosterWho.verdicts([row(1, 2, 3)]) == [.addressOfAnother])
        #expect(RosterWho.verdicts([row(1, 1, 3)]) == [.numberOfAnother])
    }

    @Test func `addresses and numbers go around, sourcedIds do not`() {
        let swapped = [row(1, 2, addressIsSourced: true), row(2, 1, addressIsSourced: true)]
        #expect(RosterWho.verdicts(swapped) == [known(1, address: true), known(2, address: true)])
        let numbers = [row(1, 1, 2, numberIsSourced: true), row(2, 2, 1, numberIsSourced: true)]
        #expect(RosterWho.verdicts(numbers) == [known(1, number: true), known(2, number: true)])
        // the second gives up nothing, so neither does the first
        let chain = [row(1, 2, addressIsSourced: true), row(2, 3, addressIsSourced: true)]
        #expect(RosterWho.verdicts(chain) == [.addressOfAnother, .addressOfAnother])
    }

    /// As it comes about where a column has slipped by a row. Looked at again from the start for each refusal, this takes minutes.
    @Test(.timeLimit(.minutes(1))) func `a chain through the whole file falls at its end`() {
        let people = Int32(1)...100_000
        let chain = people.map { row($0, $0 + 1, addressIsSourced: true) }
        #expect(RosterWho.verdicts(chain) == people.map { _ in .addressOfAnother })
        #expect(RosterWho.verdicts(chain.reversed()) == people.map { _ in .addressOfAnother })
    }

    @Test func `who has no sourcedId yet is found by number, then by address, but never among those who have one`() {
        #expect(RosterWho.verdicts([row(0, 0, 7)]) == [known(7)])
        #expect(RosterWho.verdicts([row(0, 7)]) == [known(7)])
        #expect(RosterWho.verdicts([row(0, 7, addressIsSourced: true)]) == [.addressOfAnother])
        #expect(RosterWho.verdicts([row(0, 0, 7, numberIsSourced: true)]) == [.numberOfAnother])
        let handedOn = [row(7, 0, addressIsSourced: true), row(0, 7, addressIsSourced: true)]
        #expect(RosterWho.verdicts(handedOn) == [known(7), .found(.new(takesAddress: true))])
    }
}

@Suite struct RosterWhoFuzzTests {
    @Test func `no two rows are about one person, and nobody loses what they do not give up`() {
        var fuzz = Fuzz(seed: Fuzz.seed(of: "roster"), samples: [String](), pieces: [])
        let start = ContinuousClock.now
        var number = 0
        while Fuzz.goesOn(number, of: 5_000, since: start) {
            number += 1
            let people = Array(Int32(1)...6)
            let sourced = Set(people.filter { _ in fuzz.chance(50) })
            var addresses = people.shuffled(using: &fuzz)
            var numbers = people.shuffled(using: &fuzz)
            var sources = sourced.sorted()
            let rows = (0..<Int.random(in: 1...6, using: &fuzz)).map { _ in
                let source = fuzz.chance(60) ? sources.popLast() ?? 0 : 0
                let address = fuzz.chance(70) ? addresses.popLast() ?? 0 : 0
                let number = fuzz.chance(50) ? numbers.popLast() ?? 0 : 0
                return row(
                    source, address, number, addressIsSourced: sourced.contains(address),
                    numberIsSourced: sourced.contains(number), hasNumber: fuzz.chance(30))
            }
            let verdicts = RosterWho.verdicts(rows)
            var owners: [Int32: RosterWho.Row] = [:]
            for (row, verdict) in zip(rows, verdicts) {
                guard case .found(.known(let id, _, _)) = verdict else { continue }
                #expect(owners.updateValue(row, forKey: id) == nil, "case \(number): \(rows)")
                #expect(row.bySource == id || row.bySource == 0 && !sourced.contains(id), "case \(number): \(rows)")
            }
            for (row, verdict) in zip(rows, verdicts) {
                let own: Int32
                switch verdict {
                case .found(.known(let id, _, _)): own = id
                case .found(.new): own = 0
                default: continue
                }
                if row.byAddress != 0, row.byAddress != own {
                    let owner = owners[row.byAddress]
                    #expect(owner.map { $0.byAddress != row.byAddress } ?? false, "case \(number): \(rows) \(verdicts)")
                }
                if row.byNumber != 0, row.byNumber != own, row.bySource != 0 {
                    let owner = owners[row.byNumber]
                    #expect(owner.map { $0.byNumber != row.byNumber } ?? false, "case \(number): \(rows) \(verdicts)")
                }
            }
        }
    }
}
