import Casework
import Foundation
import HTTPTypes
import TestSupport
import Testing

@testable import Web

/// Refusals are values; what people read of them stands in catalogues, of which English is one.
@Suite struct RefusalWordsTests {
    private static let languages = Result { try PageKit().catalogues }

    @Test func `every code, word and blocker has a text in every language, with the same gaps`() throws {
        let keys =
            Refusal.Code.allCases.map { "refusals.\($0.rawValue)" }
            + Refusal.Term.allCases.map { "terms.\($0.rawValue)" }
            + Blocker.Code.allCases.map { "blockers.\($0.rawValue)" }
        let languages = try Self.languages.get()
        #expect(Set(languages.keys) == ["en", "es"])
        for (language, words) in languages {
            let written = words.keys.filter {
                $0.hasPrefix("refusals.") || $0.hasPrefix("terms.") || $0.hasPrefix("blockers.")
            }
            #expect(written.symmetricDifference(keys) == [], "\(language)")
        }
    }

    /// Refusals with something to tell, as features make them, and their English sentences.
    private static let telling: [(Refusal, String)] = [
        (Refusal(.outOfRange, ["least": .number(1), "most": .number(9)]), "must be a whole number from 1 to 9"),
        (.beyond(.bodyTooLarge, most: 1_048_576), "The body may have 1048576 bytes at most."),
        (Refusal(.notAChoice, ["choices": .list(["a", "b"])]), "must be one of: a, b"),
        (Refusal(.foreignSeparator, ["separator": .term(.tabs)]), "is separated by tabs; save the file with commas"),
        (
            Refusal(.malformedJSON, ["fault": .term(.tooDeep), "position": .number(7), "levels": .number(32)]),
            "The body is not valid JSON: it nests deeper than 32 levels (at byte 7)."
        ),
        (Refusal(.notReady, ["steps": .setupSteps(["cohorts"])]), "cannot be enabled yet; missing: A cohort"),
        (Refusal(.columnTwice, ["column": .text("{most}")]), "names the column {most} more than once"),
    ]

    @Test func `a sentence has its gaps filled, in every language`() throws {
        for (refusal, english) in Self.telling {
            #expect(Catalogue.english.refusal(refusal) == english)
            let spanish = try #require(try Self.languages.get()["es"]).refusal(refusal)
            #expect(spanish != english && (!spanish.contains("{") || english.contains("{")), "\(spanish)")
        }
        #expect(Catalogue.english.blocker(Blocker(.students, count: 1)) == "1 student")
        #expect(Catalogue.english.blocker(Blocker(.cohort, name: "Fall")) == "cohort Fall")
    }

    @Test func `a refusal is a sentence, or goes on behind the name of its field; no key of the program stands in it`()
        throws
    {
        for (language, words) in try Self.languages.get() {
            for code in Refusal.Code.allCases {
                let said = try #require(words.wording(of: code)).other
                #expect(said.isPredicate != said.hasSuffix("."), "\(language) \(code.rawValue): \(said)")
            }
            let steps = SetupStep.allCases.filter { !$0.isAdvice }.map(\.rawValue)
            for code in [Refusal.Code.notReady, .notSetUp] {
                let said = words.refusal(Refusal(code, ["steps": .setupSteps(steps)]))
                #expect(!steps.contains { $0.contains("-") && said.contains($0) }, "\(language): \(said)")
            }
        }
        let (english, spanish) = (try Self.languages.get()["en"], try Self.languages.get()["es"])
        #expect(english?.sentence("must not be empty", about: "email") == "E-mail address must not be empty.")
        #expect(spanish?.sentence("no debe estar vacío", about: "email") == "«Correo electrónico» no debe estar vacío.")
        #expect(english?.sentence("Choose a file first.", about: "file") == "Choose a file first.")
    }

    @Test func `a state has one word, wherever it is named`() throws {
        for (language, words) in try Self.languages.get() {
            for status in [ProgressStatus.open, .submitted, .returned, .completed, .waived] {
                let term = try #require(Refusal.Term(rawValue: status.rawValue))
                #expect(words[term] == words[status.text], "\(language): \(status)")
                if let filter = ProgressText(rawValue: "show-\(status.rawValue)") {
                    #expect(words[filter].lowercased() == words[status.text], "\(language): \(status)")
                }
            }
            #expect(words[ProgressText.completedHead].lowercased() == words[ProgressText.completed])
            #expect(words[DashboardText.done].lowercased() == words[ProgressText.completed])
        }
    }

    @Test func `another English wording leaves Spanish, codes and fields as they are`() throws {
        let files = Bundle.module.bundleURL.appendingPathComponent("Texts")
        let changed = FileManager.default.temporaryDirectory.appendingPathComponent("words-\(UUID())")
        defer { try? FileManager.default.removeItem(at: changed) }
        try FileManager.default.copyItem(at: files, to: changed)
        let file = changed.appendingPathComponent("refusals/text.en.json")
        let text = try String(contentsOf: file, encoding: .utf8)
        for old in [
            "must be at most {most} characters long, and is {length}", "There is a group of that name already.",
        ] {
            #expect(text.contains(old))
        }
        try text.replacing(
            "must be at most {most} characters long, and is {length}", with: "is {length} long: more than {most}"
        )
        .replacing("There is a group of that name already.", with: "Another group is called that.")
        .write(to: file, atomically: true, encoding: .utf8)

        let tooLong = Refusal(.tooLong, ["most": .number(200), "length": .number(201)])
        let errors = [
            CaseworkError.invalid([FieldRefusal("name", tooLong), FieldRefusal("goal", .required)]),
            .conflict(Refusal(.groupNameTaken), field: "name"),
        ]
        func told(_ language: String, _ directory: URL) throws -> [Problem] {
            let words = try Catalogue(language: language, directory: directory)
            return errors.compactMap { Problem($0, in: words) }
        }
        let (before, after) = (try told("en", files), try told("en", changed))
        #expect(
            after[0].errors[0].detail == "is 201 long: more than 200"
                && after[1].detail == "name: Another group is called that.")
        #expect(before[0].errors[0].detail != after[0].errors[0].detail && before[1].detail != after[1].detail)
        #expect(before.map(\.code) == after.map(\.code) && after[1].code == .groupNameTaken)
        #expect(before.map { $0.errors.map(\.code) } == after.map { $0.errors.map(\.code) })
        #expect(before.map { $0.errors.map(\.field) } == after.map { $0.errors.map(\.field) })
        #expect(try told("es", files).map(\.errors) == told("es", changed).map(\.errors))
        #expect(try told("es", files).map(\.detail) == told("es", changed).map(\.detail))
    }

    @Test func `the API tells the code beside the sentence, and its description lists the codes`() async throws {
        let college = try await TestInstitution.make()
        let admin = college.client(try await college.person("admin"))
        let invalid = try await admin.send(.post, "/api/v1/categories", json: #"{"name":"","more":1}"#)
        #expect(invalid.status == 422)
        #expect(
            invalid.text("errors", 0, "code") == "null" && invalid.text("errors", 0, "detail") == "must not be null")
        #expect(invalid.text("errors", 1, "field") == "more" && invalid.text("errors", 1, "code") == "unknown-field")
        for status in [201, 409] {
            let answer = try await admin.send(.post, "/api/v1/categories", json: #"{"name":"First Year"}"#)
            #expect(answer.status == status)
            #expect(answer.text("code") == (status == 409 ? "category-name-taken" : nil))
        }
        let document = try await admin.send(.get, "/api/v1/openapi.json")
        let codes = document["components", "schemas", "Problem", "properties", "code", "enum"]
        #expect(codes == .array(Refusal.Code.allCases.map { .string($0.rawValue) }))
    }
}
