import Foundation
import Hummingbird

/// What all pages are made of: text in every language, stylesheet and scripts. Read once, when the server starts.
package struct PageKit: Sendable {
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
        let texts = root.appendingPathComponent("Texts")
        catalogues = Dictionary(
            try Catalogue.languages.map { ($0, try Catalogue(language: $0, directory: texts)) }
        ) { first, _ in first }
    }

    /// The catalogue a browser asks for: the cookie `language` first, then `Accept-Language`; nil where it asks for none of ours.
    func chosenWords(for request: Request) -> Catalogue? {
        if let chosen = request.cookies["language"]?.value, let words = catalogues[chosen] { return words }
        for tag in AcceptLanguage.tags(of: request.headers[.acceptLanguage] ?? "") {
            if let words = catalogues[tag] { return words }
        }
        return nil
    }

    /// The same, else the default.
    func words(for request: Request) throws -> Catalogue {
        if let chosen = chosenWords(for: request) { return chosen }
        guard let words = catalogues[Catalogue.languages[0]] else {
            throw Missing(description: "the default catalogue is missing")
        }
        return words
    }
}
