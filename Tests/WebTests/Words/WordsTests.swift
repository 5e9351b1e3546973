import Testing

@testable import Web

@Suite struct WordsTests {
    @Test func `every key has a text in every language, and every text a key`() throws {
        let keys = Set(Catalogue.vocabulary.flatMap { $0.names })
        for (language, words) in try PageKit().catalogues {
            #expect(words.keys.subtracting(keys) == [], "\(language): texts without a key")
            #expect(keys.subtracting(words.keys) == [], "\(language): keys without a text")
        }
    }

    @Test func `a text has the same forms and the same gaps in every language, and is never blank`() throws {
        let catalogues = try PageKit().catalogues
        let english = try #require(catalogues["en"])
        for (language, words) in catalogues {
            for keys in Catalogue.vocabulary {
                for (name, forms) in keys.forms(in: words) {
                    #expect(forms == keys.forms(in: english)[name], "\(name) in \(language)")
                }
                #expect(keys.blank(in: words) == [], "\(language)")
            }
        }
    }

    @Test func `a text is filled in, and counts`() throws {
        let words = try #require(try PageKit().catalogues["en"])
        #expect(words[CohortText.title] == "Cohorts")
        #expect(words[CohortText.students, n: 1] == "1 student")
        #expect(words[CohortText.students, n: 1_200] == "1,200 students")
        #expect(words[CohortText.doneOf, ["done": "{total}", "total": "7"]] == "{total} of 7 done")
    }
}

extension TextKey {
    /// `cohorts.title` and its like.
    fileprivate static var names: [String] { allCases.map { "\(feature).\($0.rawValue)" } }

    /// The gaps of each form of each text, sorted.
    fileprivate static func forms(in words: Catalogue) -> [String: [[String]?]] {
        func gaps(_ text: String) -> [String] { text.matches(of: /\{\w+\}/).map { String($0.output) }.sorted() }
        return Dictionary(
            uniqueKeysWithValues: allCases.map {
                let wording = words.wording(of: $0)
                return (
                    "\(feature).\($0.rawValue)",
                    [wording?.one.map(gaps), wording.map { gaps($0.other) }, wording?.about.map(gaps)]
                )
            })
    }

    fileprivate static func blank(in words: Catalogue) -> [String] {
        allCases.filter {
            let wording = words.wording(of: $0)
            return [wording?.one, wording?.other, wording?.about].compactMap(\.self).contains {
                $0.allSatisfy(\.isWhitespace)
            }
        }.map(\.rawValue)
    }
}
