import Casework
import HTTPTypes
import Postgres
import TestSupport
import Testing

/// What headings of files mean, as admins say it by the API.
@Suite struct ColumnAPITests {
    private static let path = "/api/v1/imports/columns"

    @Test func `what headings mean is said as a whole, and counts for the files to come`() async throws {
        let college = try await TestInstitution.make()
        let client = college.client(try await college.person("admin"))
        #expect(try await client.send(.get, Self.path).text == #"{"columns":[]}"#)
        let said =
            #"{"columns":[{"heading":"Kontakt-Weg","field":"email"},{"heading":"Fach","field":null},{"heading":"Post","field":"email"}]}"#
        let kept =
            #"{"columns":[{"heading":"fach","field":null},{"heading":"kontaktweg","field":"email"},{"heading":"post","field":"email"}]}"#
        for _ in 1...2 {
            let set = try await client.send(.put, Self.path, json: said)
            #expect(set.status == 200 && set.text == kept, "\(set.text)")
        }
        #expect(try await client.send(.get, Self.path).text == kept)
        let csv = "KONTAKT WEG,Vorname,Nachname,Fach\nzoe@x.edu,Zoë,Müller,Physik\n"
        func send() async throws -> TestClient.Answer {
            try await client.send(
                .post, "/api/v1/imports/students?dryRun=true", body: Array(csv.utf8), contentType: "text/csv")
        }
        #expect(try await send().number("added") == 1)
        let fewer = try await client.send(
            .put, Self.path, json: #"{"columns":[{"heading":"Fach","field":"preferred_name"}]}"#)
        #expect(fewer.text == #"{"columns":[{"heading":"fach","field":"preferred_name"}]}"#)
        #expect(try await send().text("errors", 0, "detail") == "lacks the column email")
        #expect(
            try await college.texts(
                "select concat_ws(' > ', before, after) from audit where action = 'import.columns' order by id")
                == [
                    #"{"fach": null, "post": "email", "kontaktweg": "email"}"#,
                    #"{"fach": null, "post": "email", "kontaktweg": "email"} > {"fach": "preferred_name"}"#,
                ])
    }

    @Test func `what an admin says on the page is read by the API, and stands in the audit`() async throws {
        let college = try await TestInstitution.make()
        let admin = try await college.person("admin")
        let browser = college.client().asBrowser(admin)
        let csv = "Person,Surname,Contact\nAnn,Lee,ann@x.edu\n"
        let page = try await browser.upload(
            "/imports", file: (name: "file", fileName: "s.csv", type: "text/csv", bytes: Array(csv.utf8)))
        let upload = String(try #require(page.text.firstMatch(of: /name="upload" value="(\d+)"/)).output.1)
        let mapped = try await browser.upload(
            "/imports",
            [
                ("upload", upload), ("encoding", "utf-8"), ("delimiter", "comma"), ("column", "given_name"),
                ("column", "family_name"), ("column", "email"),
            ])
        #expect(mapped.status == 200, "\(mapped.text)")
        let kept = try await college.client(admin).send(.get, Self.path)
        #expect(
            kept.text
                == #"{"columns":[{"heading":"contact","field":"email"},{"heading":"person","field":"given_name"}]}"#)
        let after = try await college.texts("select after::text from audit where action = 'import.columns'")
        #expect(after == [#"{"person": "given_name", "contact": "email"}"#])
        #expect(try await browser.get("/audit").text.contains("said what columns of files hold"))
    }

    /// Bodies that cannot be used, and the field that is named.
    private static let refused: [(body: String, field: String)] = [
        ("{}", "columns"), (#"{"columns":null}"#, "columns"), (#"{"columns":{}}"#, "columns"),
        (#"{"columns":[1]}"#, "columns"), (#"{"columns":[{"heading":"A","field":null}],"more":1}"#, "more"),
        (#"{"columns":[{"heading":"A","field":"mail"}]}"#, "columns[0].field"),
        (#"{"columns":[{"heading":"A"}]}"#, "columns[0].field"),
        (#"{"columns":[{"field":"email"}]}"#, "columns[0].heading"),
        (#"{"columns":[{"heading":null,"field":"email"}]}"#, "columns[0].heading"),
        (#"{"columns":[{"heading":7,"field":"email"}]}"#, "columns[0].heading"),
        (#"{"columns":[{"heading":"","field":"email"}]}"#, "columns[0].heading"),
        (#"{"columns":[{"heading":"– * –","field":"email"}]}"#, "columns[0].heading"),
        (#"{"columns":[{"heading":"A","field":null,"index":1}]}"#, "columns[0].index"),
        (
            #"{"columns":[{"heading":"\#(String(repeating: "a", count: 201))","field":"email"}]}"#,
            "columns[0].heading"
        ),
        (
            #"{"columns":[{"heading":"\#(String(repeating: "æ", count: 150))","field":"email"}]}"#,
            "columns[0].heading"
        ),
        (
            #"{"columns":[{"heading":"Correo","field":"email"},{"heading":"CORREO:","field":null}]}"#,
            "columns[1].heading"
        ),
        (
            #"{"columns":[\#((0...1_000).map { #"{"heading":"h\#($0)","field":null}"# }.joined(separator: ","))]}"#,
            "columns"
        ),
    ]

    @Test func `what cannot be used is named, and changes nothing`() async throws {
        let college = try await TestInstitution.make()
        let client = college.client(try await college.person("admin"))
        _ = try await client.send(.put, Self.path, json: #"{"columns":[{"heading":"Correo","field":"email"}]}"#)
        for (body, field) in Self.refused {
            let answer = try await client.send(.put, Self.path, json: body)
            #expect(answer.status == 422 && answer.refusedFields == [field], "\(body.prefix(100)): \(answer.text)")
        }
        let both = try await client.send(
            .put, Self.path, json: #"{"columns":[{"heading":"A","field":"x"},{"heading":"","field":"email"}]}"#)
        #expect(both.refusedFields == ["columns[0].field", "columns[1].heading"])
        #expect(
            try await client.send(.get, Self.path).text == #"{"columns":[{"heading":"correo","field":"email"}]}"#)
        let most = (1...1_000).map { #"{"heading":"h\#($0)","field":null}"# }.joined(separator: ",")
        #expect(try await client.send(.put, Self.path, json: #"{"columns":[\#(most)]}"#).status == 200)
    }
}
