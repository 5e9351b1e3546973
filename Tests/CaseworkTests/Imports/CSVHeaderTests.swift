import Testing

@testable import Casework

@Suite struct CSVHeaderTests {
    private func records(_ text: String) throws -> [CSVRecord] {
        var parser = CSVParser()
        var records: [CSVRecord] = []
        try parser.feed(text.utf8) { records.append($0) }
        try parser.finish { records.append($0) }
        return records
    }

    private func refusal(_ text: String) throws -> Refusal? {
        let first = try records(text).first
        do throws(CaseworkError) {
            _ = try CSVHeader(first, for: ImportField.allCases)
            return nil
        } catch {
            guard case .invalid(let problems) = error, problems.count == 1, problems[0].field == "header" else {
                return Refusal(.unknownField)
            }
            return problems[0].refusal
        }
    }

    @Test func `finds columns in any order and case`() throws {
        let rows = try records("\u{FEFF} Given_Name ,EMAIL,,\n Ada ,ada@example.edu\nBob,,,\n,b@example.edu,,x\n")
        let header = try CSVHeader(rows[0], for: ImportField.allCases)
        try header.require(.email, .givenName)
        #expect(header[.email] == 1 && header[.givenName] == 0 && header[.role] == nil)
        #expect(header.value(.givenName, in: rows[1]) == "Ada")
        #expect(header.value(.email, in: rows[2]) == nil)
        #expect(header.value(.role, in: rows[2]) == nil)
        #expect(
            throws: CaseworkError.invalid("header", Refusal(.columnsMissing, ["columns": .list(["role", "groups"])]))
        ) {
            try header.require(.email, .role, .groups)
        }
    }

    @Test(arguments: [
        "E-mail,First Name,Last Name,Student ID", "Email Address,Forename,Surname,Student No.",
        "Student Email,Given Names,Family Name,SIS User ID", "Correo electrónico,Nombre,Apellidos,Matrícula",
        "Correo,Nombres,Primer apellido,Nº matrícula", "E-Mail-Adresse,Vorname,Nachname,Matrikelnummer",
        "Courriel,Prénom,Nom de famille,Numéro étudiant", "e_mail, VORNAME ,\"Familien-Name\",Matr.Nr.",
        "Indirizzo e-mail,Nome,Cognome,Matricola", "email,pre\u{301}nom,prénom usuel,nom,student_number",
    ])
    func `usual names of columns are known`(header: String) throws {
        let found = try CSVHeader(try records(header).first, for: StudentImport.fields)
        #expect(found[.email] == 0 && found[.givenName] == 1 && found[.familyName] != nil)
        #expect(found[.studentNumber] != nil && found.unmatched.isEmpty)
    }

    @Test func `a column's own name goes before what was said, and that before what is usual`() throws {
        let headings = ["Mail", "Correo", "Notes", "First Name", "Last Name"]
        func columns(_ kept: KeptColumns) -> [ImportField?] {
            CSVHeader.guessed(headings, for: StudentImport.fields, kept: kept)
        }
        #expect(columns([:]) == [.email, nil, nil, .givenName, .familyName])
        #expect(columns(["correo": .email]) == [nil, .email, nil, .givenName, .familyName])
        #expect(columns(["mail": ImportField?.none]) == [nil, .email, nil, .givenName, .familyName])
        #expect(columns(["notes": .studentNumber]) == [.email, nil, .studentNumber, .givenName, .familyName])
        let header = try CSVHeader(
            try records("email,Correo,given_name\n").first, for: StudentImport.fields, kept: ["correo": .email])
        #expect(header[.email] == 0)
    }

    @Test func `what was chosen for a file is all that counts, and one field has one column`() throws {
        let first = try records("email,email,x\n").first
        let header = try CSVHeader(first, for: StudentImport.fields, chosen: [nil, .email, .givenName])
        #expect(header[.email] == 1 && header[.givenName] == 2 && header.unmatched == ["email"])
        #expect(throws: CaseworkError.invalid("header", Refusal(.columnTwice, ["column": .text("email")]))) {
            try CSVHeader(first, for: StudentImport.fields, chosen: [.email, .email, nil])
        }
    }

    @Test func `says what is wrong with a header`() throws {
        #expect(try refusal("") == Refusal(.csvEmpty))
        #expect(try refusal("\n\r\n  \n") == Refusal(.csvEmpty))
        #expect(try refusal("email,Email\n") == Refusal(.columnTwice, ["column": .text("email")]))
        #expect(try refusal("email;given_name\n") == Refusal(.foreignSeparator, ["separator": .term(.semicolons)]))
        #expect(try refusal("email\tgiven_name\n") == Refusal(.foreignSeparator, ["separator": .term(.tabs)]))
        #expect(try refusal("email,\u{0}\n") == Refusal(.rowNul))
        #expect(try refusal("email,\"name\n") == Refusal(.quoteNotClosed, ["line": .number(1)]))
        #expect(try refusal("email\n") == nil)
    }

    @Test func `reports ragged rows`() throws {
        let rows = try records("a,b,c\n1,2,3\n1,2\n1,2,3,4\n1,2,3,, \n1,\"x\n")
        let header = try CSVHeader(rows[0], for: ImportField.allCases)
        #expect(
            rows.dropFirst().map { header.problem(of: $0) } == [
                nil, Refusal(.wrongCellCount, ["cells": .number(2), "columns": .number(3)]),
                Refusal(.wrongCellCount, ["cells": .number(4), "columns": .number(3)]), nil,
                Refusal(.quoteNotClosed, ["line": .number(6)]),
            ])
    }
}
