import Postgres
import Tenancy

/// Looks for viruses in a file that has arrived, and that nobody sees before it has found none.
public protocol FileScanner: Sendable {
    /// What is found in a file: the name of a virus, or nil.
    /// - Parameter content: the whole file, piece by piece.
    /// - Throws: `CaseworkError.lacking(.scanner)` where nobody could say; what `content` throws.
    func finding(in content: StoredPieces) async throws -> String?
}

/// The content of a file as it lies in the database, read piece by piece.
public struct StoredPieces: Sendable, AsyncSequence {
    /// A piece.
    public typealias Element = [UInt8]
    private let piece: @Sendable (Int) async throws -> [UInt8]?

    /// - Parameter piece: reads a piece, counted from 0; nil behind the last.
    public init(_ piece: @escaping @Sendable (Int) async throws -> [UInt8]?) { self.piece = piece }

    /// Starts at the first piece.
    public func makeAsyncIterator() -> Iterator { Iterator(piece: piece) }

    /// Reads one piece at a time.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate let piece: @Sendable (Int) async throws -> [UInt8]?
        private var number = 0

        fileprivate init(piece: @escaping @Sendable (Int) async throws -> [UInt8]?) { self.piece = piece }

        /// The next piece; nil at the end.
        public mutating func next() async throws -> [UInt8]? {
            defer { number += 1 }
            return try await piece(number)
        }
    }
}

extension FileStore {
    /// Lets a scanner look at what has arrived. Only then, and not while it arrives: a slow sender would keep the scanner waiting
    /// for longer than it waits.
    /// - Throws: `CaseworkError.invalid` where something is found, `.lacking` where nobody could say.
    func check(_ id: Int, _ name: FileName, by scanner: any FileScanner, in work: UnitOfWork, field: String)
        async throws
    {
        let store = self
        let content = StoredPieces { number in try await work.apart(store.piece(number, of: id)) }
        guard let finding = try await scanner.finding(in: content) else { return }
        throw CaseworkError.invalid(
            field, Refusal(.fileInfected, ["name": .text(name.text), "finding": .text(finding)]))
    }
}
