import Foundation
import Postgres
import Tenancy
import TestSupport
import Testing

/// The operator's imports, also such as are killed, against a real database.
@Suite struct ImportCommandTests {
    private let college: TestInstitution
    private let program: WaymarkProgram
    private let folder: TemporaryFolder

    init() async throws {
        college = try await TestInstitution.make()
        folder = try TemporaryFolder()
        program = WaymarkProgram(environment: [
            "WAYMARK_DATABASE_URL": college.database.migratorURL,
            "WAYMARK_MIGRATOR_PASSWORD": TestDatabase.password,
        ])
    }

    private var slug: String { college.institution.slug }

    private func students() async throws -> [String] {
        try await college.texts(
            "select concat_ws('|', email, name, student_number) from accounts where role = 'student' order by id")
    }

    @Test func `students come in from a registrar's file, and what fails is written to be repaired`() async throws {
        let file = try folder.write(
            "Matrícula;Nombres;Apellidos;Correo\n1;Zoë;Müller;zoe@x.edu\n2;Bo;Byrne;bad\n", to: "students.csv")
        let dry = try await program.run("import", "students", slug, file, "--dry-run")
        #expect(dry.status == 0 && dry.output.contains("separated by semicolon"), "\(dry.errors)\(dry.output)")
        #expect(try await students().isEmpty)
        let repair = folder.path + "/repair.csv"
        let refused = try await program.run("import", "students", slug, file, "--repair", repair)
        #expect(refused.status == 1 && refused.errors.contains("1 rows failed"))
        let text = folder.text("repair.csv")
        #expect(text.hasPrefix("Matrícula,Nombres,Apellidos,Correo,waymark_problem\r\n2,Bo,Byrne,bad,3: "), "\(text)")
        let stored = try await program.run("import", "students", slug, file, "--partial", "--json")
        #expect(stored.status == 0 && stored.output.contains(#""added":1,"updated":0"#), "\(stored.errors)")
        #expect(try await students() == ["zoe@x.edu|Zoë Müller|1"])
        let mended = try folder.write(text.replacing("bad,", with: "bo@x.edu,"), to: "mended.csv")
        #expect(try await program.run("import", "students", slug, mended).status == 0)
        #expect(try await students() == ["zoe@x.edu|Zoë Müller|1", "bo@x.edu|Bo Byrne|2"])

        let cohort = try await college.cohort().id
        let members = try folder.write("Student ID\n1\n2\n", to: "members.csv")
        let joined = try await program.run("import", "members", slug, members, "--cohort", "\(cohort)")
        #expect(joined.status == 0 && joined.output.contains("2 added"), "\(joined.errors)")
    }

    @Test func `how many may be suspended without a yes is the institution's to say`() async throws {
        let header = "email,given_name,family_name\n"
        func file(_ count: Int) throws -> String {
            try folder.write(header + (1...count).map { "s\($0)@x.edu,Given,F\n" }.joined(), to: "s\(count).csv")
        }
        #expect(try await program.run("import", "students", slug, try file(10)).status == 0)
        try await college.run("update settings set suspend_percent = 30")
        let suspended: SQL = "select count(*) from accounts where status = 'suspended'"
        let many = try await program.run("import", "students", slug, try file(6), "--suspend-missing")
        #expect(
            many.status == 1 && many.errors.contains("4 students") && many.errors.contains("3 may be"), "\(many.errors)"
        )
        #expect(try await college.owner(suspended.value(Int.self)) == 0)
        let fewer = try await program.run("import", "students", slug, try file(7), "--suspend-missing")
        #expect(fewer.status == 0 && fewer.output.contains("3 suspended"), "\(fewer.errors)\(fewer.output)")
        #expect(try await college.owner(suspended.value(Int.self)) == 3)
    }

    @Test func `people whom a file adds are invited where that is asked for`() async throws {
        func mails() async throws -> [String] {
            try await college.texts(
                """
                select a.email || ' ' || m.kind || ' ' || m.state from mails m join accounts a on a.id = m.account_id order by a.id
                """)
        }
        let students = try folder.write("email,given_name,family_name\nann@x.edu,Ann,Lee\n", to: "students.csv")
        let dry = try await program.run("import", "students", slug, students, "--invite", "--dry-run")
        #expect(dry.status == 0 && dry.output.contains("1 invited by mail (read as"), "\(dry.errors)\(dry.output)")
        #expect(try await mails().isEmpty)
        let stored = try await program.run("import", "students", slug, students, "--invite", "--json")
        #expect(stored.status == 0 && stored.output.contains(#""invited":1"#), "\(stored.errors)")
        let staff = try folder.write(
            "email,given_name,family_name,role\nbo@x.edu,Bo,Byrne,staff\n", to: "staff.csv")
        let two = try await program.run("import", "staff", slug, staff, "--invite")
        #expect(two.status == 0 && two.output.contains("1 invited by mail"), "\(two.errors)")
        #expect(try await mails() == ["ann@x.edu invitation waiting", "bo@x.edu invitation waiting"])
        try await college.run(
            """
            update identity_providers set issuer = 'https://i.example', client_id = 'w', enabled = true,
                student_passwords = false
            """)
        let refused = try await program.run("import", "students", slug, students, "--invite")
        #expect(refused.status == 1 && refused.errors.contains("identity provider alone"), "\(refused.errors)")
    }

    @Test func `what a column holds is said for one file`() async throws {
        let file = try folder.write("Wer;Nachname;Kontakt;Email\nZoë;Müller;zoe@x.edu;private\n", to: "people.csv")
        let bare = try await program.run("import", "students", slug, file)
        #expect(bare.status == 1 && bare.errors.contains("given_name"), "\(bare.errors)")
        for (option, status, words) in [
            ("Nowhere=email", 1, "has no column Nowhere"), ("Kontakt=role", 1, "must be one of: email"),
            ("Kontakt=mail", 64, "--column"), ("=email", 64, "--column"), ("Kontakt", 64, "--column"),
        ] {
            let refused = try await program.run("import", "students", slug, file, "--column", option)
            #expect(refused.status == Int32(status) && refused.errors.contains(words), "\(option): \(refused.errors)")
        }
        let twice = try await program.run(
            "import", "students", slug, file, "--column", "Kontakt=email", "--column", "KONTAKT=")
        #expect(twice.status == 1 && twice.errors.contains("more than once"), "\(twice.errors)")
        let said = try await program.run(
            "import", "students", slug, file, "--column", "wer=given_name", "--column", "Kontakt=email")
        #expect(said.status == 0 && said.output.contains("1 added"), "\(said.errors)\(said.output)")
        #expect(try await students() == ["zoe@x.edu|Zoë Müller"])
        #expect(try await college.number("select count(*) from import_columns") == 0)
        let cohort = try await college.cohort().id
        let members = try folder.write("Wer,Kontakt\nZoë,zoe@x.edu\n", to: "members.csv")
        let joined = try await program.run(
            "import", "members", slug, members, "--cohort", "\(cohort)", "--column", "Kontakt=email")
        #expect(joined.status == 0 && joined.output.contains("1 added"), "\(joined.errors)")
        let alone = try folder.write("zoe@x.edu\n", to: "alone.csv")
        let none = try await program.run(
            "import", "members", slug, alone, "--cohort", "\(cohort)", "--column", "Kontakt=email")
        #expect(none.status == 1 && none.errors.contains("has no column Kontakt"), "\(none.errors)")
    }

    @Test func `an archived account is called archived`() async throws {
        let file = try folder.write("email,given_name,family_name\nold@x.edu,,\n", to: "old.csv")
        let old = try await college.account("student", email: "old@x.edu")
        try await college.run("update accounts set status = 'archived' where id = \(old)")
        let same = try await program.run("import", "students", slug, file)
        #expect(same.status == 0 && same.output.contains("Restore it under People first."), "\(same.output)")
    }

    @Test(arguments: [
        ["import"], ["import", "students"], ["import", "staff"], ["import", "members"], ["import", "oneroster"],
    ])
    func `imports explain themselves`(command: [String]) async throws {
        let help = try await program.run(command + ["--help"])
        #expect(help.status == 0 && help.output.contains("USAGE: waymark import"))
    }

    /// A package of 1,000 people whose names tell one from another.
    private func package(_ name: String) throws -> String {
        let users = (0..<1_000).map { "u\($0),true,student,u\($0),\(name),Lee,u\($0)@x.edu\n" }.joined()
        let zip = ZipWriter.archive([
            .init("manifest.csv", "propertyName,value\noneroster.version,1.1\nfile.users,bulk\n"),
            .init("users.csv", "sourcedId,enabledUser,role,username,givenName,familyName,email\n" + users),
        ])
        let path = folder.path + "/\(name).zip"
        try Data(zip).write(to: URL(fileURLWithPath: path))
        return path
    }

    @Test func `a OneRoster package comes in, and a dry run of it does not`() async throws {
        let file = try package("Ann")
        let dry = try await program.run("import", "oneroster", slug, file, "--dry-run", "--json")
        #expect(dry.status == 0 && dry.output.contains(#""added":1000"#), "\(dry.errors)")
        #expect(try await students().isEmpty)
        let stored = try await program.run("import", "oneroster", slug, file)
        #expect(stored.status == 0 && stored.output.contains("1000 added"), "\(stored.errors)")
        #expect(try await students().count == 1_000)
        let broken = try folder.write("PK", to: "broken.zip")
        let refused = try await program.run("import", "oneroster", slug, broken)
        #expect(refused.status == 1 && refused.errors.contains("broken"), "\(refused.errors)")
    }

    @Test(.timeLimit(.minutes(5)))
    func `a OneRoster import that is killed leaves what was or what is to be`() async throws {
        func names() async throws -> [String] {
            try await college.texts(
                "select given_name || ' ' || count(*) from accounts where role = 'student' group by given_name")
        }
        let began = ContinuousClock.now
        #expect(try await program.run("import", "oneroster", slug, try package("N0")).status == 0)
        let whole = ContinuousClock.now - began
        for round in 1...5 {
            let next = try package("N\(round)")
            let process = try program.start(["import", "oneroster", slug, next], folder: try TemporaryFolder())
            try await Task.sleep(for: whole * Double.random(in: 0...1))
            kill(process.processIdentifier, SIGKILL)
            _ = try await process.end()
            let left = try await names()
            #expect(left == ["N\(round - 1) 1000"] || left == ["N\(round) 1000"])
            #expect(try await program.run("import", "oneroster", slug, next).status == 0)
            #expect(try await names() == ["N\(round) 1000"])
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `an import that is killed leaves what was or what is to be, and sending it again completes it`() async throws {
        let (rows, moments) = (1_000, 50)
        func file(_ shift: Int) -> String {
            "email,given_name,family_name,student_number\n"
                + (0..<rows).map { "s\($0)@x.edu,Given,F\(shift),N\(($0 + shift) % rows)\n" }.joined()
        }
        let state: SQL = """
            select string_agg(distinct family_name, ',') || ' ' || count(*) || ' ' || count(distinct student_number)
                || ' ' || count(*) filter (where email like '%@x.edu')
            from accounts where role = 'student'
            """
        func stored() async throws -> [String] { try await college.texts(state) }
        let first = try folder.write(file(0), to: "0.csv")
        let began = ContinuousClock.now
        #expect(try await program.run("import", "students", slug, first).status == 0)
        let whole = ContinuousClock.now - began
        for round in 1...moments {
            let next = try folder.write(file(round), to: "next.csv")
            let run = try TemporaryFolder()
            let process = try program.start(["import", "students", slug, next], folder: run)
            // one moment in each of as many parts of a run
            try await Task.sleep(for: whole * (Double.random(in: Double(round - 1)...Double(round)) / Double(moments)))
            kill(process.processIdentifier, SIGKILL)
            _ = try await process.end()
            let (old, new) = ("F\(round - 1) \(rows) \(rows) \(rows)", "F\(round) \(rows) \(rows) \(rows)")
            let left = try await stored()
            #expect(left == [old] || left == [new])
            let again = try await program.run("import", "students", slug, next)
            #expect(again.status == 0, "\(again.errors)")
            #expect(try await stored() == [new])
        }
    }
}
