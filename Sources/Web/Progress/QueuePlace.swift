import Casework

/// Which part of the queue a page shows, and which request is being answered in words: what its address says.
struct QueuePlace {
    let filter: QueueFilter
    let cursor: Cursor?
    /// Whose field for a comment is open.
    let answering: ProgressKey?

    /// - Throws: `CaseworkError.invalid` for parameters that the queue does not know.
    init(_ visit: Visit) throws {
        (filter, cursor) = try visit.call.query { (QueueFilter(&$0), $0.page().after) }
        let answer = try visit.call.query { $0.optional("answer", .text(1...40)) }
        answering = try answer.map { try QueueAnswer.request($0).key }
    }

    /// The page's address.
    var address: String { address(answering: answering) }

    /// The same once some have been answered: their field is closed.
    func address(without answered: [ProgressKey]) -> String {
        address(answering: answering.flatMap { answered.contains($0) ? nil : $0 })
    }

    /// The same with another request's field open, or with none.
    func address(answering key: ProgressKey?) -> String {
        var parameters = filter.parameters.map { "\($0.name)=\($0.value)" }
        if let cursor { parameters.append("cursor=\(cursor)") }
        if let key { parameters.append("answer=\(key.milestone)-\(key.student)") }
        return parameters.isEmpty ? "/queue" : "/queue?\(parameters.joined(separator: "&"))"
    }
}
