import Foundation

/// What the demo says once it listens.
struct DemoGreeting: Sendable {
    let state: DemoDirectory.State
    let certificate: String
    let database: String
    /// Directory of the mails sent.
    let mail: String
    /// Directory of the folders from which files are taken in.
    let imports: String
    /// How this program is called where it was started.
    var program = CommandLine.arguments.first ?? "waymark"

    /// The same for programs.
    struct Document: Codable {
        struct Institution: Codable {
            struct Account: Codable {
                let role: String
                let email: String
                let password: String
            }
            let slug: String
            let url: String
            let accounts: [Account]
        }
        let url: String
        let institutions: [Institution]
        let certificate: String
        let database: String
        let mail: String
        let importFolder: String
    }

    /// Prints it, and the `ready` line last.
    func show(port: Int, asJSON: Bool) {
        let document = document(port: port)
        if asJSON, let line = try? Output.json(of: document) {
            Output.line(line)
        } else {
            for line in lines(port: port) { Output.line(line) }
        }
        Output.line("ready \(document.url)")
    }

    private func document(port: Int) -> Document {
        let institutions = DemoService.slugs.map { slug in
            Document.Institution(
                slug: slug, url: address(slug, port),
                accounts: state.accounts.filter { $0.institution == slug }
                    .map { .init(role: $0.role, email: $0.email, password: $0.password) })
        }
        return Document(
            url: address(DemoService.slugs[0], port), institutions: institutions, certificate: certificate,
            database: database, mail: mail, importFolder: imports)
    }

    private func address(_ slug: String, _ port: Int) -> String {
        "https://\(slug).localhost" + (port == 443 ? "" : ":\(port)")
    }

    /// For people.
    func lines(port: Int) -> [String] {
        let document = document(port: port)
        var lines = [""]
        for institution in document.institutions {
            lines.append(institution.url)
            var table = Table("", "role", "e-mail", "password")
            for account in institution.accounts { table.add(["", account.role, account.email, account.password]) }
            lines += table.lines
            lines.append("")
        }
        if let first = document.institutions.first, let admin = first.accounts.first {
            lines += [
                "Sign in from the shell:",
                "  curl --cacert \(certificate) --resolve \(first.slug).localhost:\(port):127.0.0.1 \(first.url)/api/v1/session \\",
                "    -H 'Content-Type: application/json' -d '{\"email\":\"\(admin.email)\",\"password\":\"\(admin.password)\"}'",
                "or, with the password kept out of the command line:",
                "  \(program) login \(first.url) --ca \(certificate) --email \(admin.email)",
                "",
            ]
        }
        lines += [
            "Trust the certificate authority \(certificate)",
            "  Firefox: Settings > Certificates > Authorities > Import. Chrome: Settings > Security > Manage certificates.",
            "  Debian:  cp \(certificate) /usr/local/share/ca-certificates/waymark-demo.crt && update-ca-certificates",
            "  Among names it can sign for localhost only.",
            "",
            "Database: \(database)",
            "Mail: nothing leaves this computer; each reminder is a file in \(mail)",
            "Files: put students.csv, staff.csv or a roster's .zip into \(imports)/\(DemoService.slugs[0]);",
            "  Import people > Folder says whether they are taken in, and what became of them.",
            "Ctrl-C stops the server and its database.",
            "",
        ]
        return lines
    }
}
