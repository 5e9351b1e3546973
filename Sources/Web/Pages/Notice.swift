import Casework
import Hummingbird

/// What a page says above its content after a change: what was done, to how many, and, where it was one, to what.
///
/// It travels in the address, which anybody can write. So its words are the catalogue's, and a name or a step to take back
/// is believed only with the seal of the session: without a good one only the plain sentence is shown.
struct Notice {
    private static let names = ["done", "n", "what", "undo", "seal"]

    let done: DoneText
    var count = 1
    /// The name of what it was done to.
    var subject: String?
    /// The steps of progress that the page offers to take back: each milestone, student and version, `3-7-2`.
    var undo: [String] = []

    init(done: DoneText, count: Int = 1, subject: String? = nil, undo: [String] = []) {
        self.done = done
        self.count = count
        self.subject = subject
        self.undo = undo
    }

    /// Nil where an address holds none.
    init?(query: String, secret: Secret?) {
        let pairs = (try? URLEncoded.pairs(Array(query.utf8))) ?? []
        let values = Dictionary(pairs.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
        guard let done = values["done"].flatMap(DoneText.init) else { return nil }
        self.init(
            done: done, count: values["n"].flatMap { Int($0) } ?? 1, subject: values["what"],
            undo: (values["undo"] ?? "").split(separator: ".").map(String.init))
        if secret?.accepts(seal: values["seal"] ?? "", of: sealed) != true {
            subject = nil
            undo = []
        }
    }

    /// Of what the seal speaks.
    private var sealed: String {
        [done.rawValue, String(count), undo.joined(separator: "."), subject ?? ""].joined(separator: "\n")
    }

    /// A page's address, with the notice in its query.
    /// - Parameter path: may have a query and a fragment.
    func address(_ path: String, secret: Secret?) -> String {
        var query = "done=\(done.rawValue)"
        if count != 1 { query += "&n=\(count)" }
        if let secret, subject != nil || !undo.isEmpty {
            if let subject { query += "&what=\(subject.percentEncoded)" }
            if !undo.isEmpty { query += "&undo=\(undo.joined(separator: "."))" }
            query += "&seal=\(secret.seal(of: sealed))"
        }
        let page = path.prefix { $0 != "#" }
        return page + (page.contains("?") ? "&" : "?") + query + path.dropFirst(page.count)
    }

    /// The parameters of an address that are not a notice's.
    static func others(than query: String?) -> [Substring] {
        (query ?? "").split(separator: "&").filter { pair in !names.contains { pair.hasPrefix("\($0)=") } }
    }

    /// The address without the notice.
    func rest(of request: Request) -> String {
        let rest = Self.others(than: request.uri.query)
        return rest.isEmpty ? request.uri.path : "\(request.uri.path)?\(rest.joined(separator: "&"))"
    }
}
