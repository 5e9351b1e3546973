import Foundation
import Mail
import TestSupport
import Testing

@Suite(.enabled(if: MailServer.isAvailable, "the Python packages of the mail server cannot be had"))
struct SMTPTransportTests {
    private func transport(
        _ server: MailServer, _ protection: SMTPTransport.Configuration.Protection = .none,
        _ change: (inout SMTPTransport.Configuration) -> Void = { _ in }
    ) throws -> SMTPTransport {
        var configuration = SMTPTransport.Configuration(host: "localhost", port: server.port, protection: protection)
        change(&configuration)
        return try SMTPTransport(configuration)
    }

    private func mail(to address: String, _ change: (inout MailMessage) -> Void = { _ in }) throws -> ComposedMail {
        try ComposingTests.message {
            $0.to.address = address
            change(&$0)
        }.composed()
    }

    /// What `send` throws.
    private func failure(of transport: SMTPTransport, to address: String) async throws -> DeliveryFailure? {
        do {
            try await transport.send(try mail(to: address))
            return nil
        } catch let failure as DeliveryFailure {
            return failure
        }
    }

    @Test func `another program reads what was written, and one connection carries all`() async throws {
        let server = try await MailServer()
        let transport = try transport(server)
        let text = "Guten Tag 👩‍👩‍👧\n.a line with a dot\nFrom here on é\n" + String(repeating: "long ", count: 300) + "\n"
        for number in 1...5 {
            try await transport.send(
                try mail(to: "ada\(number)@college.example") {
                    $0.from.name = "Universität, \"Zürich\""
                    $0.to.name = "Ада Лавлейс; графиня"
                    $0.subject = String(repeating: "a", count: 66) + "👩‍👩‍👧, due; soon"
                    $0.text = text
                    $0.html = "<p>" + text + "</p>\n"
                    $0.unsubscribe = "https://college.example/unsubscribe/\(number)"
                })
        }
        let mails = try server.mails
        #expect(mails.map(\.recipient) == (1...5).map { "ada\($0)@college.example" })
        #expect(Set(mails.map(\.connection)) == [1])
        let first = try #require(mails.first)
        #expect(first.sender == "reminders@college.example")
        #expect(first.from == ["Universität, \"Zürich\"", "reminders@college.example"])
        #expect(first.to == ["Ада Лавлейс; графиня", "ada1@college.example"])
        #expect(first.subject == String(repeating: "a", count: 66) + "👩‍👩‍👧, due; soon")
        #expect(first.text == text + "\n" || first.text == text)
        #expect(first.html?.hasPrefix("<p>" + text) == true)
        #expect(first.messageID == ComposingTests.message.messageID)
        #expect(first.unsubscribe == "https://college.example/unsubscribe/1")
        #expect(first.post == "List-Unsubscribe=One-Click")
        #expect(first.date == "2026-11-29 08:00:00+00:00")
        #expect(first.defects == [])
    }

    @Test func `what one mail is refused for does not keep the next from leaving`() async throws {
        let server = try await MailServer()
        let transport = try self.transport(server)
        let hasty = try self.transport(server) { $0.whole = 1 }
        #expect(
            try await failure(of: transport, to: "refuse@b.example")
                == DeliveryFailure(.refused, "550 5.1.1 no such mailbox"))
        #expect(
            try await failure(of: transport, to: "later@b.example")
                == DeliveryFailure(.deferred, "451 4.7.1 greylisted, come again"))
        #expect(
            try await failure(of: transport, to: "blocked@b.example")
                == DeliveryFailure(.refused, "554 5.7.1 looks like spam"))
        #expect(try await failure(of: transport, to: "drop@b.example")?.kind == .unreachable)
        #expect(try await failure(of: hasty, to: "stall@b.example")?.kind == .unreachable)
        #expect(try await failure(of: transport, to: "down@b.example")?.kind == .unreachable)
        #expect(try await failure(of: transport, to: "ada@b.example") == nil)
        #expect(try server.mails.map(\.recipient) == ["ada@b.example"])
        server.stop()
        #expect(try await failure(of: transport, to: "ada@b.example")?.kind == .unreachable)
    }

    @Test func `a sender whom the server refuses is no mail's own fault`() async throws {
        let server = try await MailServer()
        let transport = try transport(server)
        let mail = try mail(to: "ada@b.example") { $0.from.address = "unknown@college.example" }
        let failure = await #expect(throws: DeliveryFailure.self) { try await transport.send(mail) }
        #expect(failure?.kind == .unreachable)
        #expect(failure?.reason.hasSuffix("550 5.7.1 we do not send for this sender") == true)
        #expect(try await self.failure(of: transport, to: "ada@b.example") == nil)
    }

    @Test func `nothing is sent without the encryption that was asked for, nor to whom we cannot trust`() async throws {
        let certificate = try TestCertificate()
        defer { certificate.remove() }
        let files = ["--certificate", certificate.certificatePath, "--key", certificate.keyPath]
        let starting = try await MailServer(
            "--tls", "starttls", files[0], files[1], files[2], files[3], "--login", "a:b")
        let good = try transport(starting, .startTLS) {
            $0.certificateAuthority = certificate.certificatePath
            $0.login = ("a", "b")
        }
        #expect(try await failure(of: good, to: "ada@b.example") == nil)
        let wrong = try transport(starting, .startTLS) {
            $0.certificateAuthority = certificate.certificatePath
            $0.login = ("a", "wrong")
        }
        #expect(try await failure(of: wrong, to: "ada@b.example")?.kind == .unreachable)
        let unknown = try transport(starting, .startTLS) { $0.login = ("a", "b") }
        #expect(try await failure(of: unknown, to: "ada@b.example")?.kind == .unreachable)

        let whole = try await MailServer("--tls", "tls", files[0], files[1], files[2], files[3])
        let tls = try transport(whole, .tls) { $0.certificateAuthority = certificate.certificatePath }
        #expect(try await failure(of: tls, to: "ada@b.example") == nil)

        let plain = try await MailServer()
        let stripped = try transport(plain, .startTLS) { $0.certificateAuthority = certificate.certificatePath }
        #expect(try await failure(of: stripped, to: "ada@b.example")?.kind == .unreachable)
        #expect(try starting.mails.map(\.login) == ["a"] && starting.mails.allSatisfy(\.tls))
        #expect(try whole.mails.count == 1 && plain.mails.isEmpty)
    }

    @Test func `a directory holds one file for each id, and never half a mail`() async throws {
        let folder = try TemporaryFolder()
        let transport = DirectoryTransport(directory: folder.path + "/mail")
        let mail = try mail(to: "ada@b.example")
        try await transport.send(mail)
        try await transport.send(mail)
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/mail")
        #expect(files == ["reminder-1-2-2026-11-29-college-example.eml"])
        #expect(Array(folder.text("mail/\(files[0])").utf8) == mail.bytes)
        await #expect(throws: DeliveryFailure.self) {
            try await DirectoryTransport(directory: "/proc/mail").send(mail)
        }
    }
}
