/// An attribute of an element; its value is escaped when it is written.
struct Attribute {
    enum State {
        case absent
        /// Without a value it stands alone: `disabled`.
        case present(String?)
    }

    let prefix: StaticString
    let name: StaticString
    let state: State

    private init(_ name: StaticString, prefix: StaticString = "", _ state: State) {
        self.prefix = prefix
        self.name = name
        self.state = state
    }

    /// Absent where the value is nil.
    private init(_ name: StaticString, prefix: StaticString = "", value: String?) {
        self.init(name, prefix: prefix, value.map { .present($0) } ?? .absent)
    }

    private init(flag name: StaticString) { self.init(name, .present(nil)) }

    /// The attribute, where the condition holds.
    static func `if`(_ condition: Bool, _ attribute: Attribute) -> Attribute {
        condition ? attribute : Attribute(attribute.name, .absent)
    }
}

// MARK: Any element

extension Attribute {
    static func `class`(_ names: String) -> Attribute { Attribute("class", value: names) }
    static func id(_ id: String) -> Attribute { Attribute("id", value: id) }
    static func title(_ text: String) -> Attribute { Attribute("title", value: text) }
    static func role(_ role: String) -> Attribute { Attribute("role", value: role) }
    static func lang(_ tag: String) -> Attribute { Attribute("lang", value: tag) }
    /// Takes the focus from scripts, or with 0 from the keyboard too.
    static func tabIndex(_ index: Int) -> Attribute { Attribute("tabindex", value: String(index)) }
    static let hidden = Attribute(flag: "hidden")

    /// `data-keep`, `data-id="7"`: what the scripts read.
    static func data(_ name: StaticString, _ value: String? = nil) -> Attribute {
        Attribute(name, prefix: "data-", .present(value))
    }
}

// MARK: Accessibility

extension Attribute {
    static func ariaLabel(_ text: String) -> Attribute { Attribute("aria-label", value: text) }
    static func labelledBy(_ ids: String) -> Attribute { Attribute("aria-labelledby", value: ids) }
    static func describedBy(_ ids: String?) -> Attribute { Attribute("aria-describedby", value: ids) }
    static let ariaHidden = Attribute("aria-hidden", value: "true")
    static let invalid = Attribute("aria-invalid", value: "true")
    /// Which way a table is sorted by the column.
    static func ariaSort(_ isDescending: Bool) -> Attribute {
        Attribute("aria-sort", value: isDescending ? "descending" : "ascending")
    }
    static let currentPage = Attribute("aria-current", value: "page")
    static let current = Attribute("aria-current", value: "true")
    static let livePolite = Attribute("aria-live", value: "polite")
}

// MARK: Links, forms and tables

extension Attribute {
    /// Where a link leads. One that leads neither into this site nor to a web page, a telephone or a mailbox is left out:
    /// `javascript:` never becomes a link.
    static func href(_ address: String) -> Attribute {
        let known = ["/", "#", "?", "https://", "http://", "tel:", "mailto:", "otpauth://"].contains {
            address.utf8.starts(with: $0.utf8)
        }
        return Attribute("href", value: known ? address : nil)
    }

    static func src(_ address: String) -> Attribute { Attribute("src", value: address) }
    /// Opens the link in another window.
    static let otherWindow = Attribute("target", value: "_blank")
    static func rel(_ kinds: String) -> Attribute { Attribute("rel", value: kinds) }
    static func type(_ type: String) -> Attribute { Attribute("type", value: type) }
    static func name(_ name: String) -> Attribute { Attribute("name", value: name) }
    static func value(_ value: String) -> Attribute { Attribute("value", value: value) }
    static func content(_ value: String) -> Attribute { Attribute("content", value: value) }
    static func charset(_ name: String) -> Attribute { Attribute("charset", value: name) }
    static func action(_ address: String) -> Attribute { Attribute("action", value: address) }
    static func formAction(_ address: String) -> Attribute { Attribute("formaction", value: address) }
    /// The form a control outside of it belongs to.
    static func form(_ id: String) -> Attribute { Attribute("form", value: id) }
    static let get = Attribute("method", value: "get")
    static let post = Attribute("method", value: "post")
    /// Closes the dialog that the form stands in.
    static let dialog = Attribute("method", value: "dialog")
    static let multipart = Attribute("enctype", value: "multipart/form-data")
    static let formURLEncoded = Attribute("formenctype", value: "application/x-www-form-urlencoded")
    static let formNoValidate = Attribute(flag: "formnovalidate")
    static func `for`(_ id: String) -> Attribute { Attribute("for", value: id) }
    static func placeholder(_ text: String) -> Attribute { Attribute("placeholder", value: text) }
    static func autocomplete(_ kind: String?) -> Attribute { Attribute("autocomplete", value: kind) }
    static func autocapitalize(_ kind: String) -> Attribute { Attribute("autocapitalize", value: kind) }
    static func spellcheck(_ isOn: Bool) -> Attribute { Attribute("spellcheck", value: isOn ? "true" : "false") }
    static func accept(_ types: String?) -> Attribute { Attribute("accept", value: types) }
    static func rows(_ count: Int) -> Attribute { Attribute("rows", value: String(count)) }
    static func max(_ value: Int) -> Attribute { Attribute("max", value: String(value)) }
    static func maxLength(_ limit: Int?) -> Attribute { Attribute("maxlength", value: limit.map(String.init)) }
    static func minLength(_ limit: Int) -> Attribute { Attribute("minlength", value: String(limit)) }
    static let multiple = Attribute(flag: "multiple")
    static let required = Attribute(flag: "required")
    static let disabled = Attribute(flag: "disabled")
    static let readOnly = Attribute(flag: "readonly")
    static let checked = Attribute(flag: "checked")
    static let selected = Attribute(flag: "selected")
    static let open = Attribute(flag: "open")
    /// How many columns a cell takes.
    static func columns(_ count: Int) -> Attribute { Attribute("colspan", value: String(count)) }
    static func scope(_ scope: String) -> Attribute { Attribute("scope", value: scope) }
    /// Whether it says that a cell heads a row or several.
    var isScopeOfRows: Bool {
        guard case .present(let scope?) = state else { return false }
        return name.description == "scope" && scope.hasPrefix("row")
    }
    /// A moment or a day as machines read it.
    static func dateTime(_ text: String) -> Attribute { Attribute("datetime", value: text) }
}

// MARK: Drawings

extension Attribute {
    static func x(_ place: String) -> Attribute { Attribute("x", value: place) }
    static func y(_ place: String) -> Attribute { Attribute("y", value: place) }
    static func x1(_ place: String) -> Attribute { Attribute("x1", value: place) }
    static func x2(_ place: String) -> Attribute { Attribute("x2", value: place) }
    static func y1(_ place: String) -> Attribute { Attribute("y1", value: place) }
    static func y2(_ place: String) -> Attribute { Attribute("y2", value: place) }
    static func cx(_ place: String) -> Attribute { Attribute("cx", value: place) }
    static func cy(_ place: String) -> Attribute { Attribute("cy", value: place) }
    static func r(_ length: String) -> Attribute { Attribute("r", value: length) }
    static func rx(_ length: String) -> Attribute { Attribute("rx", value: length) }
    static func width(_ length: String) -> Attribute { Attribute("width", value: length) }
    static func height(_ length: String) -> Attribute { Attribute("height", value: length) }
    /// What a path draws.
    static func d(_ commands: String) -> Attribute { Attribute("d", value: commands) }
    static func viewBox(_ box: String) -> Attribute { Attribute("viewBox", value: box) }
    static func textAnchor(_ anchor: String) -> Attribute { Attribute("text-anchor", value: anchor) }
    static let stretched = Attribute("preserveAspectRatio", value: "none")
    static let overflowing = Attribute("overflow", value: "visible")
    static let evenStroke = Attribute("vector-effect", value: "non-scaling-stroke")
}
