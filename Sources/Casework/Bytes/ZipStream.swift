import CZlib

/// Writes a zip file (APPNOTE 6.3.10) piece by piece, in bounded memory: sizes and checksum of a member stand behind it, because
/// they are known only then. Neither a member nor the whole may reach 4 GiB: there is no Zip64.
public final class ZipStream {
    private static let room = 65_536
    /// Sizes and checksum behind the data; names in UTF-8.
    private static let flags = 1 << 3 | 1 << 11

    /// At one place for good: zlib keeps its address.
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private var member: Member?
    private var directory: [UInt8] = []
    private var members = 0
    /// How many bytes came out so far.
    private var written = 0

    private struct Member {
        let path: [UInt8]
        let place: Int
        var checksum: UInt32 = 0
        var size = 0
    }

    /// - Returns: nil where there is no memory for it.
    public init?() {
        stream.initialize(to: z_stream())
        let size = Int32(MemoryLayout<z_stream>.size)
        guard
            deflateInit2_(
                stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size)
                == Z_OK
        else {
            return nil
        }
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// Begins a member; the one before is ended.
    /// - Parameter path: where it lies in the file, with `/` between folders; of at most 65,535 bytes.
    public func begin(_ path: String) -> [UInt8] {
        var bytes = end()
        let path = Array(path.utf8.prefix(Int(UInt16.max)))
        let place = written
        bytes += count(Self.four(0x0403_4b50) + Self.two(20) + Self.kind + Array(repeating: 0, count: 12))
        bytes += count(Self.two(path.count) + Self.two(0) + path)
        member = Member(path: path, place: place)
        return bytes
    }

    /// More of the content of the member that was begun.
    public func add(_ content: [UInt8]) -> [UInt8] {
        guard var member, !content.isEmpty else { return [] }
        member.size += content.count
        member.checksum = content.withUnsafeBufferPointer {
            UInt32(truncatingIfNeeded: crc32(uLong(member.checksum), $0.baseAddress, uInt($0.count)))
        }
        self.member = member
        return count(deflated(content, Z_NO_FLUSH))
    }

    /// Ends the last member and the file.
    public func finish() -> [UInt8] {
        let bytes = end()
        let place = written
        let size = directory.count
        let end = Self.four(0x0605_4b50) + Self.two(0) + Self.two(0) + Self.two(members) + Self.two(members)
        return bytes + directory + end + Self.four(size) + Self.four(place) + Self.two(0)
    }

    private func end() -> [UInt8] {
        guard let member else { return [] }
        self.member = nil
        var bytes = count(deflated([], Z_FINISH))
        let numbers =
            Self.four(Int(member.checksum)) + Self.four(Int(stream.pointee.total_out)) + Self.four(member.size)
        deflateReset(stream)
        bytes += count(Self.four(0x0807_4b50) + numbers)
        directory += Self.four(0x0201_4b50) + Self.two(20) + Self.two(20) + Self.kind + numbers
        directory +=
            Self.two(member.path.count) + Array(repeating: 0, count: 12) + Self.four(member.place) + member.path
        members += 1
        return bytes
    }

    private func deflated(_ content: [UInt8], _ flush: Int32) -> [UInt8] {
        var content = content
        var packed: [UInt8] = []
        content.withUnsafeMutableBufferPointer { input in
            stream.pointee.next_in = input.baseAddress
            stream.pointee.avail_in = uInt(input.count)
            repeat {
                packed += [UInt8](unsafeUninitializedCapacity: Self.room) { output, count in
                    stream.pointee.next_out = output.baseAddress
                    stream.pointee.avail_out = uInt(Self.room)
                    deflate(stream, flush)
                    count = Self.room - Int(stream.pointee.avail_out)
                }
            } while stream.pointee.avail_out == 0
        }
        return packed
    }

    private func count(_ bytes: [UInt8]) -> [UInt8] {
        written += bytes.count
        return bytes
    }

    /// Flags, method (deflate), time and day (none: 1 January 1980).
    private static let kind = two(flags) + two(8) + two(0) + two(0x21)

    private static func two(_ number: Int) -> [UInt8] { [UInt8(number & 0xFF), UInt8(number >> 8 & 0xFF)] }

    private static func four(_ number: Int) -> [UInt8] { two(number & 0xFFFF) + two(number >> 16 & 0xFFFF) }
}
