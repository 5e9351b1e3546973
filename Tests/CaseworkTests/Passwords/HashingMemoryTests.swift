import Glibc
import Testing

@testable import Casework

/// The memory of scrypt, as libcrypto would ask for it. One after another: all share one memory.
@Suite(.serialized) struct HashingMemoryTests {
    private static let large = 33 << 20

    private func giveAllBack() {
        HashingMemory.giveBack()
        HashingMemory.giveBack()
    }

    @Test func `what is large is kept, taken again, and given back when it was not used for a while`() throws {
        giveAllBack()
        let one = try #require(HashingMemory.take(Self.large))
        let other = try #require(HashingMemory.take(Self.large))
        #expect(one != other)
        HashingMemory.give(one)
        #expect(HashingMemory.take(Self.large) == one)
        #expect(HashingMemory.take(Self.large + 1) != nil)
        giveAllBack()
        #expect(HashingMemory.size == 3 * Self.large + 1, "what is taken stays")
        HashingMemory.give(other)
        HashingMemory.giveBack()
        #expect(HashingMemory.size == 3 * Self.large + 1, "it was used since the last time")
        HashingMemory.giveBack()
        #expect(HashingMemory.size == 2 * Self.large + 1)
    }

    @Test func `what is small is malloc's, and nothing is nothing`() throws {
        let before = HashingMemory.size
        let small = try #require(HashingMemory.take(1_000))
        memset(small, 7, 1_000)
        let larger = try #require(HashingMemory.resize(small, to: 2_000))
        #expect(larger.load(fromByteOffset: 999, as: UInt8.self) == 7)
        #expect(HashingMemory.resize(larger, to: 0) == nil)
        #expect(HashingMemory.take(0) == nil)
        HashingMemory.give(nil)
        let fresh = try #require(HashingMemory.resize(nil, to: 10))
        HashingMemory.give(fresh)
        #expect(HashingMemory.size == before)
    }

    @Test func `what is kept is copied when it grows or shrinks`() throws {
        let block = try #require(HashingMemory.take(Self.large))
        memset(block, 9, Self.large)
        let grown = try #require(HashingMemory.resize(block, to: Self.large + 4_096))
        #expect(grown != block && grown.load(fromByteOffset: Self.large - 1, as: UInt8.self) == 9)
        let shrunk = try #require(HashingMemory.resize(grown, to: 100))
        #expect(shrunk.load(fromByteOffset: 99, as: UInt8.self) == 9)
        HashingMemory.give(shrunk)
        giveAllBack()
    }
}
