import TestSupport
import Testing

@testable import Casework

/// Whom the rows of a file are about, by a small world that is compared before and after.
@Suite struct WhoIsWhoTests {
    /// Somebody with an address and perhaps a number.
    fileprivate struct Person: Equatable {
        var address: Int
        var number: Int?
        var fits = true
    }

    fileprivate struct Line: Equatable {
        let address: Int
        let number: Int?
    }

    fileprivate static func verdicts(_ lines: [Line], _ world: [Int32: Person]) -> [WhoIsWho.Verdict] {
        WhoIsWho.verdicts(
            lines.map { line in
                let owner = world.first { $0.value.address == line.address }
                let holder = line.number == nil ? nil : world.first { $0.value.number == line.number }
                return WhoIsWho.Row(
                    byAddress: owner?.key ?? 0, byNumber: holder?.key ?? 0, hasNumber: line.number != nil,
                    addressFits: owner?.value.fits ?? false, numberFits: holder?.value.fits ?? false)
            })
    }

    private func verdicts(_ lines: [(Int, Int?)], _ world: [Int32: (Int, Int?)]) -> [WhoIsWho.Verdict] {
        Self.verdicts(
            lines.map { Line(address: $0.0, number: $0.1) },
            world.mapValues { Person(address: $0.0, number: $0.1) })
    }

    @Test func `one person is found by number, else by address, else new`() {
        let world: [Int32: (Int, Int?)] = [1: (10, 100), 2: (20, nil)]
        #expect(verdicts([(10, 100)], world) == [.known(1, takesAddress: false, takesNumber: false)])
        #expect(verdicts([(11, 100)], world) == [.known(1, takesAddress: false, takesNumber: false)])
        #expect(verdicts([(10, 101)], world) == [.known(1, takesAddress: false, takesNumber: false)])
        #expect(verdicts([(20, nil)], world) == [.known(2, takesAddress: false, takesNumber: false)])
        #expect(verdicts([(30, 300)], world) == [.new(takesAddress: false)])
    }

    @Test func `two that point to two accounts are refused, unless the number is given up`() {
        let world: [Int32: (Int, Int?)] = [1: (10, 100), 2: (20, 200), 3: (30, 300)]
        #expect(verdicts([(10, 200)], world) == [.torn])
        #expect(verdicts([(10, 200), (20, nil)], world).first == .torn)
        let swap = verdicts([(10, 200), (20, 100)], world)
        #expect(
            swap == [
                .known(1, takesAddress: false, takesNumber: true), .known(2, takesAddress: false, takesNumber: true),
            ])
        let circle = verdicts([(10, 200), (20, 300), (30, 100)], world)
        #expect(circle.allSatisfy { if case .known(_, false, true) = $0 { true } else { false } })
        let chain = verdicts([(10, 200), (20, 300), (30, 400)], world)
        #expect(
            chain == [
                .known(1, takesAddress: false, takesNumber: true), .known(2, takesAddress: false, takesNumber: true),
                .known(3, takesAddress: false, takesNumber: false),
            ])
        #expect(verdicts([(10, 200), (20, 300)], world) == [.torn, .torn])
    }

    @Test func `an address that somebody gives up goes to a new person, or to the next`() {
        let world: [Int32: (Int, Int?)] = [1: (10, 100), 2: (20, 200)]
        #expect(
            verdicts([(11, 100), (10, 900)], world) == [
                .known(1, takesAddress: false, takesNumber: false), .new(takesAddress: true),
            ])
        #expect(
            verdicts([(11, 100), (10, nil)], world) == [
                .known(1, takesAddress: false, takesNumber: false), .twice(0),
            ])
        #expect(
            verdicts([(11, 100), (10, 200)], world) == [
                .known(1, takesAddress: false, takesNumber: false), .known(2, takesAddress: true, takesNumber: false),
            ])
    }

    /// The world after a file, as the statements of an import make it.
    fileprivate static func applied(_ lines: [Line], _ verdicts: [WhoIsWho.Verdict], _ world: [Int32: Person])
        -> [Int32:
        Person]
    {
        var after = world
        for (index, (line, verdict)) in zip(lines, verdicts).enumerated() {
            switch verdict {
            case .new: after[1_000 + Int32(index)] = Person(address: line.address, number: line.number)
            case .known(let id, _, _):
                guard let person = world[id], person.fits else { continue }
                after[id] = Person(address: line.address, number: line.number ?? person.number)
            case .twice, .torn: break
            }
        }
        return after
    }

    fileprivate static func isTwice(_ verdict: WhoIsWho.Verdict) -> Bool {
        if case .twice = verdict { true } else { false }
    }
}

@Suite struct WhoIsWhoFuzzTests {
    private typealias Person = WhoIsWhoTests.Person
    private typealias Line = WhoIsWhoTests.Line

    @Test func `nobody shares an address or a number afterwards, and the same file again changes nothing`() {
        var random = Fuzz(seed: Fuzz.seed(of: "who"), samples: [], pieces: [[0]])
        let start = ContinuousClock.now
        var number = 0
        while Fuzz.goesOn(number, of: 20_000, since: start) {
            number += 1
            var world: [Int32: Person] = [:]
            let count = Int.random(in: 0...5, using: &random)
            let (addresses, numbers) = ((0..<7).shuffled(using: &random), (0..<7).shuffled(using: &random))
            for id in 0..<count {
                world[Int32(id + 1)] = Person(
                    address: addresses[id], number: random.chance(80) ? numbers[id] : nil, fits: random.chance(85))
            }
            let (sent, given) = ((0..<7).shuffled(using: &random), (0..<7).shuffled(using: &random))
            let lines = (0..<Int.random(in: 0...6, using: &random)).map {
                Line(address: sent[$0], number: random.chance(75) ? given[$0] : nil)
            }
            let verdicts = WhoIsWhoTests.verdicts(lines, world)
            let after = WhoIsWhoTests.applied(lines, verdicts, world)
            let people = Array(after.values)
            #expect(Set(people.map(\.address)).count == people.count, "\(world) \(lines) \(verdicts)")
            #expect(
                Set(people.compactMap(\.number)).count == people.compactMap(\.number).count,
                "\(world) \(lines) \(verdicts)")
            // what was refused may be clear once others have changed
            if verdicts.contains(where: { $0 == .torn || WhoIsWhoTests.isTwice($0) }) { continue }
            let again = WhoIsWhoTests.verdicts(lines, after)
            #expect(WhoIsWhoTests.applied(lines, again, after) == after, "\(world) \(lines) \(verdicts) \(again)")
        }
    }
}
