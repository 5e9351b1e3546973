/// A zip archive (APPNOTE 6.3) as anybody may send one: its directory is read and checked before anything is unpacked.
///
/// Only what files of data need is read: one disk, no Zip64, no encryption, members stored or deflated. What a member says of
/// itself at two places must agree, members may not overlap, and none unpacks to more than it says.
public struct ZipArchive: Sendable {
    /// What an archive may hold.
    public struct Limits: Sendable {
        /// The most members.
        public var members = 1_000
        /// Bytes of the directory.
        public var directory = 1 << 20
        /// Bytes of one member, unpacked.
        public var member = 256 << 20
        /// Bytes of all members that are unpacked.
        public var total = 512 << 20
        /// How many bytes one packed byte may become. The first mebibyte is free.
        public var ratio = 200

        /// For files of data.
        public init() {}
    }

    /// A file in the archive.
    public struct Member: Sendable, Equatable {
        /// The last part of its path.
        public let name: String
        /// Bytes, unpacked.
        public let size: Int
        fileprivate let isDeflated: Bool
        fileprivate let checksum: UInt32
        fileprivate let packed: Range<Int>
    }

    /// Its members by name; directories are left out.
    public let members: [Member]
    private let content: Spool
    private let limits: Limits

    /// Reads the directory.
    /// - Throws: `invalid` with the field `file` for what is no such archive.
    public init(_ content: Spool, limits: Limits = Limits()) async throws {
        (self.content, self.limits) = (content, limits)
        let end = try await Self.end(of: content)
        guard end.members <= limits.members, end.size <= limits.directory else {
            throw CaseworkError.invalid("file", .zipNotRead)
        }
        let directory = ByteReader(try await content.bytes(end.start..<end.start + end.size))
        var members: [Member] = []
        var taken: [Range<Int>] = []
        var place = 0
        for _ in 0..<end.members {
            let entry = try Entry(directory, &place)
            guard let range = try await Self.range(of: entry, in: content, before: end.start) else {
                throw CaseworkError.invalid("file", .zipBroken)
            }
            taken.append(range.whole)
            if !entry.isDirectory {
                members.append(
                    Member(
                        name: entry.baseName, size: entry.size, isDeflated: entry.method == 8,
                        checksum: entry.checksum, packed: range.packed))
            }
        }
        guard place == directory.count else { throw CaseworkError.invalid("file", .zipBroken) }
        taken.sort { $0.lowerBound < $1.lowerBound }
        guard zip(taken, taken.dropFirst()).allSatisfy({ $0.upperBound <= $1.lowerBound }) else {
            throw CaseworkError.invalid("file", .zipBroken)
        }
        self.members = members
    }

    /// Unpacks one member, and checks what comes out against what the directory says.
    /// - Throws: `invalid` with the field `file`, naming the member; `tooLarge`.
    public func unpack(_ member: Member) async throws -> Spool {
        let broken = CaseworkError.invalid("file", Refusal(.zipMemberBroken, ["file": .text(member.shownName)]))
        guard member.size <= limits.member else {
            throw CaseworkError.tooLarge(
                Refusal(.zipTooLarge, ["file": .text(member.shownName), "most": .number(limits.member)]))
        }
        guard member.size <= 1 << 20 || member.size / limits.ratio <= member.packed.count else {
            throw CaseworkError.invalid("file", Refusal(.zipTooDense, ["file": .text(member.shownName)]))
        }
        guard let inflater = Inflater(isDeflated: member.isDeflated) else { throw CaseworkError.lacking(.memory) }
        var output = SpoolWriter()
        var place = member.packed.lowerBound
        while place < member.packed.upperBound {
            let piece = try await content.bytes(place..<min(place + 65_536, member.packed.upperBound))
            guard !piece.isEmpty else { throw broken }
            place += piece.count
            inflater.feed(piece)
            while let bytes = inflater.next() {
                guard output.size + bytes.count <= member.size else { throw broken }
                try await output.append(bytes)
            }
        }
        guard inflater.isComplete, output.size == member.size, inflater.checksum == member.checksum else {
            throw broken
        }
        return output.finish()
    }

    /// Unpacks those members.
    /// - Throws: what `unpack(_:)` throws; `tooLarge` where they are too large together.
    public func unpack(_ wanted: [Member]) async throws -> [Spool] {
        guard wanted.reduce(0, { $0 + $1.size }) <= limits.total else {
            throw CaseworkError.tooLarge(Refusal(.zipTooLarge, ["file": .text("zip"), "most": .number(limits.total)]))
        }
        var unpacked: [Spool] = []
        for member in wanted { unpacked.append(try await unpack(member)) }
        return unpacked
    }

    // MARK: The directory

    private struct End {
        let members: Int
        let start: Int
        let size: Int
    }

    /// The record at the archive's end; only a comment may stand behind it.
    private static func end(of content: Spool) async throws -> End {
        let size = 22
        let start = max(0, content.size - size - 65_535)
        let tail = ByteReader(try await content.bytes(start..<content.size))
        guard tail.count >= size else { throw CaseworkError.invalid("file", .zipBroken) }
        for place in stride(from: tail.count - size, through: 0, by: -1)
        where tail.number4(place) == 0x0605_4b50 && tail.number2(place + 20) == tail.count - place - size {
            let (here, all) = (tail.number2(place + 8), tail.number2(place + 10))
            let (bytes, offset) = (tail.number4(place + 12), tail.number4(place + 16))
            guard all < 0xFFFF, bytes < 0xFFFF_FFFF, offset < 0xFFFF_FFFF, tail.number2(place + 4) == 0,
                tail.number2(place + 6) == 0
            else { throw CaseworkError.invalid("file", .zipNotRead) }
            guard here == all, offset + bytes == start + place else { throw CaseworkError.invalid("file", .zipBroken) }
            return End(members: all, start: offset, size: bytes)
        }
        throw CaseworkError.invalid("file", .zipBroken)
    }

    /// Where a member lies, by its own header, which must say the same as the directory.
    private static func range(
        of entry: Entry, in content: Spool, before end: Int
    ) async throws -> (whole: Range<Int>, packed: Range<Int>)? {
        guard entry.offset + 30 <= end else { return nil }
        let fixed = ByteReader(try await content.bytes(entry.offset..<entry.offset + 30))
        guard fixed.count == 30, fixed.number4(0) == 0x0403_4b50, fixed.number2(6) == entry.flags,
            fixed.number2(8) == entry.method
        else { return nil }
        if entry.flags & 8 == 0 {
            guard fixed.number4(14) == Int(entry.checksum), fixed.number4(18) == entry.packedSize,
                fixed.number4(22) == entry.size
            else { return nil }
        }
        let nameEnd = entry.offset + 30 + fixed.number2(26)
        let start = nameEnd + fixed.number2(28)
        guard start + entry.packedSize <= end else { return nil }
        guard try await content.bytes(entry.offset + 30..<nameEnd) == entry.path else { return nil }
        return (entry.offset..<start + entry.packedSize, start..<start + entry.packedSize)
    }

    /// What the directory says of a member.
    private struct Entry {
        let flags: Int
        let method: Int
        let checksum: UInt32
        let packedSize: Int
        let size: Int
        let offset: Int
        let path: [UInt8]

        /// Reads the entry at `place`, and moves on behind it.
        init(_ bytes: ByteReader, _ place: inout Int) throws(CaseworkError) {
            guard place + 46 <= bytes.count, bytes.number4(place) == 0x0201_4b50 else {
                throw .invalid("file", .zipBroken)
            }
            flags = bytes.number2(place + 8)
            method = bytes.number2(place + 10)
            checksum = UInt32(truncatingIfNeeded: bytes.number4(place + 16))
            packedSize = bytes.number4(place + 20)
            size = bytes.number4(place + 24)
            offset = bytes.number4(place + 42)
            let (name, extra, comment) = (
                bytes.number2(place + 28), bytes.number2(place + 30), bytes.number2(place + 32)
            )
            let start = place + 46
            guard start + name + extra + comment <= bytes.count else { throw .invalid("file", .zipBroken) }
            path = bytes[start..<start + name]
            guard flags & 0x2041 == 0 else { throw .invalid("file", .zipEncrypted) }
            guard method == 0 || method == 8, bytes.number2(place + 34) == 0,
                ![packedSize, size, offset].contains(0xFFFF_FFFF)
            else { throw .invalid("file", .zipNotRead) }
            guard method == 8 || packedSize == size else { throw .invalid("file", .zipBroken) }
            place = start + name + extra + comment
        }

        var isDirectory: Bool { path.last == UInt8(ascii: "/") }

        var baseName: String {
            let last = path.split(whereSeparator: { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") }).last
            return String(decoding: last ?? [], as: UTF8.self)
        }
    }
}

extension ZipArchive.Member {
    fileprivate var shownName: String { String(name.unicodeScalars.prefix(100)) }
}

/// Numbers of a zip archive: little end first. Beyond the end there are zeros.
private struct ByteReader {
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var count: Int { bytes.count }

    subscript(range: Range<Int>) -> [UInt8] { Array(bytes[range.clamped(to: bytes.indices)]) }

    func number2(_ place: Int) -> Int { number(place, 2) }
    func number4(_ place: Int) -> Int { number(place, 4) }

    private func number(_ place: Int, _ count: Int) -> Int {
        (0..<count).reduce(0) { $0 | (bytes.indices.contains(place + $1) ? Int(bytes[place + $1]) : 0) << (8 * $1) }
    }
}
