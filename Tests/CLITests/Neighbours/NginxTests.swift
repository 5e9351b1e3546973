import Foundation
import Postgres
import Tenancy
import TestSupport
import Testing

/// `waymark serve` behind nginx with the settings of `docker/nginx.conf`.
@Suite(.serialized, .enabled(if: Neighbour.has("/usr/sbin/nginx"))) struct NginxTests {
    @Test(.timeLimit(.minutes(5))) func `host, client and body arrive as they were sent`() async throws {
        let stage = try await ServedCollege.start { _ in ["WAYMARK_TRUSTED_PROXIES": "127.0.0.1"] }
        let folder = try TemporaryFolder()
        let port = try FreePort.find()
        let proxy = try Self.start(before: stage, port: port, in: folder)
        let host = "\(stage.college.institution.slug).localhost"
        try await stage.withClient(through: port) { client in
            let made = try await client.send("POST", "/categories", json: #"{"name":"First-Year"}"#)
            #expect(made.status == 201, "\(made.text)")
            // paths that answers lead to are of the host that was asked
            #expect(try await client.send("GET", "/categories").text.contains("First-Year"))
        }
        // from an address of its own, with inventions about who it is; the form's origin is checked against the host
        let email = "student@x.edu"
        let account = try await stage.college.account("student", email: email)
        try await stage.setPassword("four words and more", of: account)
        let jar = folder.path + "/cookies"
        let site = "https://\(host):\(port)"
        let page = try await Self.ask(stage, port: port, ["-c", jar, "\(site)/sign-in"])
        #expect(page.contains("Sign in"), "\(page.prefix(300))")
        let signedIn = try await Self.ask(
            stage, port: port,
            [
                "-b", jar, "-c", jar, "-o", "/dev/null", "-w", "%{http_code} %{redirect_url}", "\(site)/sign-in",
                "-H", "Origin: \(site)", "--data-urlencode", "email=\(email)",
                "--data-urlencode", "password=four words and more",
            ])
        #expect(signedIn.hasPrefix("303 \(site)/"), "\(signedIn) \(proxy.said)")
        let places = try await stage.college.texts(
            "select address from sessions where account_id = \(account)")
        #expect(places == ["127.0.0.2"])
        let foreign = try await Self.ask(
            stage, port: port,
            [
                "-o", "/dev/null", "-w", "%{http_code}", "\(site)/sign-in", "-H", "Origin: https://evil.example", "-d",
                "email=a",
            ])
        #expect(foreign == "403")
        let version = try await Self.ask(
            stage, port: port, ["-o", "/dev/null", "-w", "%{http_version}", "\(site)/sign-in"])
        #expect(version == "2")
        try await stage.end()
    }

    @Test(.timeLimit(.minutes(5))) func `files pass, and who sends too much is told so by Waymark`() async throws {
        let stage = try await ServedCollege.start { _ in ["WAYMARK_TRUSTED_PROXIES": "127.0.0.1"] }
        let folder = try TemporaryFolder()
        let port = try FreePort.find()
        let proxy = try Self.start(before: stage, port: port, in: folder)
        try await stage.withClient(through: port) { client in
            let changes = try await CountedChanges(to: stage.college, by: client)
            let milestone = try #require(changes.milestones.first)
            let text = String(repeating: "0123456789abcde\n", count: 1 << 20)
            for (count, status) in [(1, 201), (2, 413)] {
                let sent = try await client.send(
                    "POST", "/milestones/\(milestone)/files", body: String(repeating: text, count: count),
                    contentType: "text/plain", headers: ["Content-Disposition": "attachment; filename=\"\(count)\""])
                #expect(
                    sent.status == status && sent.text.contains(count == 1 ? "sha256" : "too-large"),
                    "\(sent.text) \(proxy.said)")
            }
        }
        try await stage.end()
    }

    private static func start(before stage: ServedCollege, port: Int, in folder: TemporaryFolder) throws -> Neighbour {
        let site = try Neighbour.sample("nginx.conf").exchanging([
            "server 127.0.0.1:8443;": "server 127.0.0.1:\(stage.port);",
            "listen 443": "listen 127.0.0.1:\(port)",
            ".waymark.example.edu": ".localhost",
            "/etc/waymark/certificate.pem": stage.certificate.certificatePath,
            "/etc/waymark/key.pem": stage.certificate.keyPath,
            "/var/log/nginx/waymark.log": folder.path + "/access",
        ])
        try folder.write(site, to: "site")
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map { "\($0)_temp_path \(folder.path)/\($0);" }.joined(separator: "\n")
        let path = try folder.write(
            """
            daemon off;
            pid \(folder.path)/pid;
            error_log stderr;
            events {}
            http {
            \(temporary)
            include \(folder.path)/site;
            }
            """, to: "nginx.conf")
        return try Neighbour(["/usr/sbin/nginx", "-c", path, "-e", folder.path + "/err"], in: folder)
    }

    /// What curl gets, as a client at another address of this computer.
    private static func ask(_ stage: ServedCollege, port: Int, _ arguments: [String]) async throws -> String {
        try await ChildProcess.run(
            [
                "/usr/bin/curl", "-sS", "--max-time", "60", "--interface", "127.0.0.2", "--cacert",
                stage.certificate.certificatePath, "--connect-to", "::127.0.0.1:\(port)", "-H",
                "X-Forwarded-For: 203.0.113.9", "-H", "Forwarded: for=203.0.113.9",
            ] + arguments
        ).said
    }
}
