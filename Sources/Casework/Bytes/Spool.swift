import Dispatch
import Glibc

/// Bytes on their way through, too many to hold: the first mebibyte stays in memory, the rest goes to a temporary file
/// without a name. The disk is waited for on threads of Dispatch's, never on those that all tasks share.
public struct SpoolWriter {
    private static let room = 1 << 20

    /// How many bytes were appended.
    public private(set) var size = 0
    private var recent: [UInt8] = []
    private var file: TemporaryFile?

    /// An empty spool.
    public init() {}

    /// Appends bytes.
    /// - Throws: `CaseworkError.lacking` where the temporary file cannot be written.
    public mutating func append(_ bytes: some Collection<UInt8>) async throws(CaseworkError) {
        size += bytes.count
        recent.append(contentsOf: bytes)
        guard recent.count > Self.room else { return }
        let target: TemporaryFile
        if let file { target = file } else { target = try await TemporaryFile.make() }
        file = target
        try await target.append(recent)
        recent.removeAll(keepingCapacity: true)
    }

    /// Ends writing.
    public consuming func finish() -> Spool {
        Spool(size: size, file: file, recent: recent)
    }
}

/// What a `SpoolWriter` took, to be read as often as needed. The file goes when the last copy of this goes.
public struct Spool: Sendable, AsyncSequence {
    /// A piece of up to 64 KiB.
    public typealias Element = [UInt8]
    /// `CaseworkError.lacking`.
    public typealias Failure = any Error

    /// How many bytes it holds.
    public let size: Int
    private let file: TemporaryFile?
    private let recent: [UInt8]

    fileprivate init(size: Int, file: TemporaryFile?, recent: [UInt8]) {
        self.size = size
        self.file = file
        self.recent = recent
    }

    /// Starts at the first byte.
    public func makeAsyncIterator() -> Iterator { Iterator(spool: self) }

    /// Reads one piece at a time.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate let spool: Spool
        private var position = 0

        fileprivate init(spool: Spool) { self.spool = spool }

        /// The next piece; nil at the end.
        public mutating func next() async throws -> [UInt8]? {
            let piece = try await spool.piece(at: position)
            position += piece.count
            return piece.isEmpty ? nil : piece
        }
    }

    /// All of it at once, where it is known to be small.
    public func bytes() async throws(CaseworkError) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < size { bytes += try await piece(at: bytes.count) }
        return bytes
    }

    /// Those bytes, as far as there are any.
    func bytes(_ range: Range<Int>) async throws(CaseworkError) -> [UInt8] {
        let range = range.clamped(to: 0..<size)
        var bytes: [UInt8] = []
        while bytes.count < range.count {
            bytes += try await piece(at: range.lowerBound + bytes.count).prefix(range.count - bytes.count)
        }
        return bytes
    }

    private func piece(at position: Int) async throws(CaseworkError) -> [UInt8] {
        let stored = size - recent.count
        if let file, position < stored {
            return try await file.read(at: position, atMost: Swift.min(65_536, stored - position))
        }
        return Array(recent[(position - stored)...].prefix(65_536))
    }
}

/// A file that only this process can reach, and that is gone when nobody holds it.
private final class TemporaryFile: Sendable {
    private static let disk = DispatchQueue(label: "waymark.spool", attributes: .concurrent)
    private let descriptor: Int32

    private init?() {
        let directory = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var path = Array((directory + "/waymark-XXXXXX").utf8CString)
        descriptor = mkstemp(&path)
        guard descriptor >= 0 else { return nil }
        unlink(path)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    static func make() async throws(CaseworkError) -> TemporaryFile {
        try await waiting { TemporaryFile() }
    }

    func append(_ bytes: [UInt8]) async throws(CaseworkError) {
        try await Self.waiting { self.write(bytes) ? () : nil }
    }

    func read(at position: Int, atMost count: Int) async throws(CaseworkError) -> [UInt8] {
        try await Self.waiting {
            let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
                initialized = max(0, pread(self.descriptor, buffer.baseAddress, count, position))
            }
            return bytes.isEmpty ? nil : bytes
        }
    }

    /// Runs what may wait for the disk.
    /// - Throws: `CaseworkError.unavailable` where it answers nil.
    private static func waiting<Value: Sendable>(
        _ work: @escaping @Sendable () -> Value?
    ) async throws(CaseworkError) -> Value {
        let value = await withCheckedContinuation { continuation in
            disk.async { continuation.resume(returning: work()) }
        }
        guard let value else { throw .lacking(.temporaryFiles) }
        return value
    }

    private func write(_ bytes: [UInt8]) -> Bool {
        var start = 0
        while start < bytes.count {
            let written = bytes.withUnsafeBytes { buffer in
                Glibc.write(descriptor, buffer.baseAddress.map { $0 + start }, buffer.count - start)
            }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { return false }
            start += written
        }
        return true
    }
}
