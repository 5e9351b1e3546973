import HTTPTypes

/// Says what cannot be done and why, and leads home.
struct RefusalPage {
    let heading: String
    let text: String
    /// A sentence with the request's id, by which its line is found in the log.
    var reference: String?
    /// What is missing, or what hangs on it.
    var points: [String] = []
    let words: Catalogue

    var html: HTML {
        section(.class("card")) {
            h1 { heading }
            p { text }
            if let reference { p { reference } }
            if !points.isEmpty { ul(.class("stack")) { for point in points { li { point } } } }
            p { a(.class("button"), .href("/")) { words[ErrorText.home] } }
        }
    }
}

extension RefusalPage {
    /// What a status means, in words that fit any of its causes.
    init(_ status: HTTPResponse.Status, _ words: Catalogue) {
        self.init(
            heading: words[ErrorText(rawValue: "title\(status.code)") ?? .titleOther],
            text: words[ErrorText(rawValue: "text\(status.code)") ?? .textOther], words: words)
    }
}
