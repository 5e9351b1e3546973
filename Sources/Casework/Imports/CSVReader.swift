/// The records of a CSV file that arrives in chunks, such as a request's body.
public struct CSVReader<Chunks: AsyncSequence>: AsyncSequence where Chunks.Element: Sequence<UInt8> {
    /// One record at a time.
    public typealias Element = CSVRecord
    /// What the chunks throw.
    public typealias Failure = any Error

    private let chunks: Chunks
    private let delimiter: UInt8

    /// Reads these chunks, each once, when the records are asked for.
    /// - Parameter delimiter: what stands between two cells.
    public init(_ chunks: Chunks, delimiter: UInt8 = UInt8(ascii: ",")) {
        (self.chunks, self.delimiter) = (chunks, delimiter)
    }

    /// Starts reading.
    public func makeAsyncIterator() -> Iterator {
        Iterator(chunks: chunks.makeAsyncIterator(), parser: CSVParser(delimiter: delimiter))
    }

    /// Holds the records of one chunk at most.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate var chunks: Chunks.AsyncIterator
        private var parser: CSVParser
        private var records: [CSVRecord] = []
        private var position = 0
        private var isFinished = false

        fileprivate init(chunks: Chunks.AsyncIterator, parser: CSVParser) {
            (self.chunks, self.parser) = (chunks, parser)
        }

        /// The next record; nil at the end of the file.
        public mutating func next() async throws -> CSVRecord? {
            while position == records.count {
                if isFinished { return nil }
                records.removeAll(keepingCapacity: true)
                position = 0
                if let chunk = try await chunks.next() {
                    try parser.feed(chunk) { records.append($0) }
                } else {
                    isFinished = true
                    try parser.finish { records.append($0) }
                }
            }
            defer { position += 1 }
            return records[position]
        }
    }
}
