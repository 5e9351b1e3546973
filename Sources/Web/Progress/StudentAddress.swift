import Casework

extension StudentFilter {
    /// What a saved view or an address says; parameters of other things are ignored.
    /// - Throws: `CaseworkError.invalid`.
    init(query: String) throws {
        var values: [String: [String]] = [:]
        guard let pairs = try? URLEncoded.pairs(query.utf8) else {
            throw CaseworkError.invalid("query", .notPercentEncoded)
        }
        for (name, value) in pairs { values[name, default: []].append(value) }
        self = try Fields.read(query: values) { StudentFilter(&$0) }
    }

    /// The parameters as they stand in an address; only what was typed needs to be encoded.
    var query: String {
        parameters.map { "\($0.name)=\($0.name == "q" ? $0.value.percentEncoded : $0.value)" }.joined(separator: "&")
    }

    /// The list's address.
    var address: String { address(of: "/students") }

    /// The address of what else is about the same students.
    func address(of path: String) -> String {
        let query = query
        return query.isEmpty ? path : "\(path)?\(query)"
    }

    /// The same list in another order.
    func sorted(_ order: StudentOrder) -> StudentFilter {
        var copy = self
        copy.order = order
        return copy
    }
}
