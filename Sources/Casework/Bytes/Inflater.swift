import CZlib

/// Unpacks bytes (RFC 1951) piece by piece, in bounded memory, and counts their CRC-32. Bytes that are not packed pass.
final class Inflater {
    private static let room = 262_144

    private let isDeflated: Bool
    /// At one place for good: zlib keeps its address.
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private var input: [UInt8] = []
    private var position = 0
    /// Whether there may be more output without more input.
    private var isPending = false
    private var hasFailed = false
    private var hasEnded: Bool

    /// CRC-32 of what came out so far.
    private(set) var checksum: UInt32 = 0

    /// - Returns: nil where there is no memory for it.
    init?(isDeflated: Bool) {
        self.isDeflated = isDeflated
        hasEnded = !isDeflated
        stream.initialize(to: z_stream())
        guard inflateInit2_(stream, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            return nil
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Whether the packed bytes were whole, and nothing came behind their end.
    var isComplete: Bool { hasEnded && !hasFailed }

    /// Takes the next packed bytes, once `next` has given all of those before.
    func feed(_ bytes: [UInt8]) {
        (input, position) = (bytes, 0)
        isPending = true
        if isDeflated, hasEnded { hasFailed = true }
    }

    /// Some more bytes; nil where more must be fed first, or where the packed bytes are broken.
    func next() -> [UInt8]? {
        guard isPending, !hasFailed else { return nil }
        let bytes = isDeflated ? inflated() : input
        if !isDeflated { isPending = false }
        checksum = bytes.withUnsafeBufferPointer {
            UInt32(truncatingIfNeeded: crc32(uLong(checksum), $0.baseAddress, uInt($0.count)))
        }
        return bytes.isEmpty ? nil : bytes
    }

    private func inflated() -> [UInt8] {
        input.withUnsafeMutableBufferPointer { packed in
            [UInt8](unsafeUninitializedCapacity: Self.room) { output, count in
                stream.pointee.next_in = packed.baseAddress.map { $0 + position }
                stream.pointee.avail_in = uInt(packed.count - position)
                stream.pointee.next_out = output.baseAddress
                stream.pointee.avail_out = uInt(Self.room)
                let status = inflate(stream, Z_NO_FLUSH)
                position = packed.count - Int(stream.pointee.avail_in)
                count = Self.room - Int(stream.pointee.avail_out)
                isPending = stream.pointee.avail_out == 0
                switch status {
                case Z_STREAM_END:
                    hasEnded = true
                    isPending = false
                    if position < packed.count { hasFailed = true }
                case Z_OK: break
                case Z_BUF_ERROR: isPending = false
                default: hasFailed = true
                }
            }
        }
    }
}
