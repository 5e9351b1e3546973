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

    @Test func `a text has the same gaps in every language`() throws {
        let catalogues = try PageKit().catalogues
        let english = try #require(catalogues["en"])
        for (language, words) in catalogues {
            for keys in Catalogue.vocabulary {
                for (name, gaps) in keys.gaps(in: words) {
                    #expect(gaps == keys.gaps(in: english)[name], "\(name) in \(language)")
                }
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

    fileprivate static func gaps(in words: Catalogue) -> [String: Set<String>] {
        Dictionary(uniqueKeysWithValues: allCases.map { ("\(feature).\($0.rawValue)", words.gaps(of: $0)) })
    }
}
