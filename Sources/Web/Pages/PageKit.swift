import Foundation
import Hummingbird
import Mustache

/// What all pages are made of: templates, text in every language, stylesheet and script. Read once, when the server starts.
package struct PageKit: Sendable {
    /// By language: their own text is in them already, so that a page looks up only what differs from one to the next.
    private let templates: [String: MustacheLibrary]
    let catalogues: [String: Catalogue]
    let assets: Assets

    struct Missing: Error, CustomStringConvertible {
        let description: String
    }

    /// Reads the program's resources.
    /// - Throws: where one is missing or malformed.
    package init() throws {
        let root = Bundle.module.bundleURL
        assets = try Assets(directory: root.appendingPathComponent("Assets"))
        let assets = assets
        let links = ["css": assets[.stylesheet], "js": assets[.script], "icon": assets[.icon]]
        let directory = root.appendingPathComponent("Templates")
        let catalogues = Dictionary(
            uniqueKeysWithValues: try Catalogue.languages.map {
                ($0, try Catalogue(language: $0, directory: directory))
            })
        var templates = catalogues.mapValues { _ in MustacheLibrary() }
        guard let walker = FileManager.default.enumerator(atPath: directory.path) else {
            throw Missing(description: "the program's page templates are missing: \(directory.path)")
        }
        for case let path as String in walker where path.hasSuffix(".mustache") {
            let source = try String(contentsOf: directory.appendingPathComponent(path), encoding: .utf8)
            let text = Self.dotted(source).replacing(/\{\{assets\.([a-z]+)\}\}/) { links[String($0.1)] ?? "" }
            for (language, words) in catalogues {
                do {
                    let whole = try Self.filled(text, words)
                    try templates[language]?.register(whole, named: Self.name(path.dropLast(".mustache".count)))
                } catch {
                    throw Missing(description: "template \(path): \(error)")
                }
            }
        }
        self.templates = templates
        self.catalogues = catalogues
    }

    /// A template's page in a language.
    /// - Throws: where there is no such template.
    func render(_ template: String, in language: String, _ model: [String: Any]) throws -> String {
        guard let html = templates[language]?.render(model, withTemplate: Self.name(template)) else {
            throw Missing(description: "there is no template \(template)")
        }
        return html
    }

    /// The text with every `{{t.<feature>.<name>}}` replaced by what the catalogue says.
    /// - Throws: where it says nothing.
    private static func filled(_ text: String, _ words: Catalogue) throws -> String {
        try text.replacing(/\{\{t\.([a-z]+\.[A-Za-z0-9-]+)\}\}/) { match in
            let key = String(match.1)
            guard words.has(key) else { throw Missing(description: "\(key) has no text in \(words.language)") }
            return words.text(key).htmlEscaped
        }
    }

    /// A template's name, from its path below `Templates`: dots for slashes, because the parser takes no slash in the
    /// tag that closes a parent.
    static func name(_ path: some StringProtocol) -> String {
        path.split(separator: "/").joined(separator: ".")
    }

    /// The text with the names of parents and partials dotted.
    private static func dotted(_ text: String) -> String {
        text.replacing(/\{\{[<>\/] *[a-z-]+(?:\/[a-z-]+)+ *\}\}/) { match in
            match.output.prefix(3) + name(match.output.dropFirst(3))
        }
    }

    /// The catalogue a browser asks for: the cookie `language` first, then `Accept-Language`, then the default.
    func words(for request: Request) throws -> Catalogue {
        if let chosen = request.cookies["language"]?.value, let words = catalogues[chosen] { return words }
        for tag in AcceptLanguage.tags(of: request.headers[.acceptLanguage] ?? "") {
            if let words = catalogues[tag] { return words }
        }
        guard let words = catalogues[Catalogue.languages[0]] else {
            throw Missing(description: "the default catalogue is missing")
        }
        return words
    }
}

extension String {
    /// As text or a quoted attribute's value in HTML.
    fileprivate var htmlEscaped: String {
        replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;").replacing("'", with: "&#39;")
    }
}
