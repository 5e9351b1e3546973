import CZlib
import Foundation

/// Makes zip files, honest ones and others.
public struct ZipWriter {
    /// How a member is written, and what is said of it.
    public struct Member {
        /// Where it lies in the archive.
        public var path: String
        /// Its bytes, unpacked.
        public var content: [UInt8]
        /// Whether it is packed, and not stored as it is.
        public var isDeflated = true
        /// Bits of the general purpose flag; 8 puts sizes and checksum behind the data.
        public var flags = 0
        /// What the directory says in the place of the truth.
        public var saidSize: Int?
        /// The same of the CRC-32.
        public var saidChecksum: UInt32?
        /// What its own header calls it, where that is something else.
        public var localPath: String?
        /// Where the directory says it begins.
        public var saidOffset: Int?

        /// An honest one.
        public init(_ path: String, _ content: [UInt8]) { (self.path, self.content) = (path, content) }

        /// An honest one, of text.
        public init(_ path: String, _ content: String) { self.init(path, Array(content.utf8)) }
    }

    /// An archive of those members.
    /// - Parameter comment: behind the end.
    public static func archive(_ members: [Member], comment: String = "") -> [UInt8] {
        var bytes: [UInt8] = []
        var directory: [UInt8] = []
        for member in members {
            let packed = member.isDeflated ? deflated(member.content) : member.content
            let checksum =
                member.saidChecksum
                ?? member.content.withUnsafeBufferPointer {
                    UInt32(truncatingIfNeeded: crc32(0, $0.baseAddress, uInt($0.count)))
                }
            let size = member.saidSize ?? member.content.count
            let (path, local) = (Array(member.path.utf8), Array((member.localPath ?? member.path).utf8))
            let isBehind = member.flags & 8 != 0
            let place = bytes.count
            let kind = two(member.flags) + two(member.isDeflated ? 8 : 0) + two(0) + two(0x21)
            let numbers = four(Int(checksum)) + four(packed.count) + four(size)
            bytes += four(0x0403_4b50) + two(20) + kind + (isBehind ? Array(repeating: 0, count: 12) : numbers)
            bytes += two(local.count) + two(0) + local + packed
            if isBehind { bytes += four(0x0807_4b50) + numbers }
            directory += four(0x0201_4b50) + two(20) + two(20) + kind + numbers
            directory += two(path.count) + two(0) + two(0) + two(0) + two(0) + four(0)
            directory += four(member.saidOffset ?? place) + path
        }
        let start = bytes.count
        bytes += directory
        bytes += four(0x0605_4b50) + two(0) + two(0) + two(members.count) + two(members.count)
        return bytes + four(directory.count) + four(start) + two(comment.utf8.count) + Array(comment.utf8)
    }

    /// An archive of the files in a folder, but for those that do not end in `.csv`.
    public static func archive(of folder: URL) throws -> [UInt8] {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        return archive(
            try names.filter { $0.hasSuffix(".csv") }.map {
                Member($0, Array(try Data(contentsOf: folder.appendingPathComponent($0))))
            })
    }

    private static func deflated(_ content: [UInt8]) -> [UInt8] {
        var size = compressBound(uLong(content.count))
        var packed = [UInt8](repeating: 0, count: Int(size))
        compress2(&packed, &size, content, uLong(content.count), 6)
        // without the head and the tail of zlib's own format
        return Array(packed[2..<Int(size) - 4])
    }

    private static func two(_ number: Int) -> [UInt8] { [UInt8(number & 0xFF), UInt8(number >> 8 & 0xFF)] }

    private static func four(_ number: Int) -> [UInt8] { two(number & 0xFFFF) + two(number >> 16 & 0xFFFF) }
}
