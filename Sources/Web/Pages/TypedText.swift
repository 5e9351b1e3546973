import Casework

/// What a refused form held, to be given back to whoever typed it: shown for copying, or sent once more.
///
/// No more than a page of ours asks for: 100 fields, and as much text as fits into a sign-in form. Nothing that is named
/// like a password is ever among it.
struct TypedText: Sendable {
    private static let mostFields = 100
    /// As a form sends it, percent-encoded.
    private static let mostBytes = 60_000
    private static let secrets = ["csrf", "password", "secret", "token"]
    private static let prefix = "kept."

    /// Sorted by name; a name that came several times stands here as often.
    private let fields: [(name: String, value: String)]
    /// Whether that is all there was.
    let isWhole: Bool

    /// - Parameter form: as it was sent. Its files are not kept.
    init(_ form: Form) {
        self.init(form.fields, isWhole: form.isWhole)
    }

    /// What a sign-in form carries along, see `hidden`.
    init(carriedBy form: Form) {
        let carried = form.fields.filter { $0.key.hasPrefix(Self.prefix) }
        self.init(
            Dictionary(
                carried.map { (String($0.key.dropFirst(Self.prefix.count)), $0.value) }, uniquingKeysWith: +))
    }

    private init(_ all: [String: [String]], isWhole: Bool = true) {
        var fields: [(name: String, value: String)] = []
        var room = Self.mostBytes
        var isWhole = isWhole
        for name in all.keys.sorted() {
            let plain = name.lowercased()
            if Self.secrets.contains(where: { plain.contains($0) }) { continue }
            for value in all[name] ?? [] {
                let size = Self.encodedSize(name) + Self.encodedSize(value)
                guard fields.count < Self.mostFields, size <= room else {
                    isWhole = false
                    continue
                }
                room -= size
                fields.append((name, value))
            }
        }
        self.fields = fields
        self.isWhole = isWhole
    }

    private static func encodedSize(_ text: String) -> Int {
        text.utf8.reduce(0) { size, byte in
            let isPlain = byte >= 0x30 && byte <= 0x39 || byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7a
            return size + (isPlain ? 1 : 3)
        }
    }

    /// For hidden fields, to be sent as they were.
    var hidden: [(name: String, value: String)] { fields }

    /// For hidden fields of the sign-in form, whose own names are others.
    var carried: [(name: String, value: String)] { fields.map { (Self.prefix + $0.name, $0.value) } }

    /// To be shown for copying; nil where nothing was typed. Nobody types a version.
    func shown(_ words: Catalogue) -> GivenBack? {
        let typed = fields.filter { $0.name != "version" }
        return GivenBack(typed.map { (words.label($0.name), $0.value) }, isWhole: isWhole)
    }
}

/// Texts given back to whoever typed them, for copying: their own fields have gone.
struct GivenBack {
    let texts: [(label: String, value: String)]
    /// Whether that is all there was.
    let isWhole: Bool

    /// Nil where nothing was typed.
    init?(_ texts: [(label: String, value: String)], isWhole: Bool = true) {
        self.texts = texts.filter { !$0.value.trimmingSpaces.isEmpty }
        self.isWhole = isWhole
        if self.texts.isEmpty, isWhole { return nil }
    }
}
