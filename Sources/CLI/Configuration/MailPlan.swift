import Events
import Foundation
import Mail
import Postgres
import Tenancy
import Web

/// What the configuration says of mail.
struct MailPlan: Sendable {
    private enum Way: Sendable {
        case server(SMTPTransport.Configuration)
        case directory(String)
    }

    private let way: Way
    private let sender: String
    private let domain: String
    private let port: Int

    /// Nil where no mail is to be sent, and where something is wrong, which `settings` then knows.
    init?(_ settings: inout Settings) {
        let port = settings.number(.publicPort, in: 1...65_535)
        guard let server = settings.text(.mailServer) else { return nil }
        let login: (user: String, password: String)?
        switch (settings.text(.mailUser), settings.text(.mailPassword)) {
        case (nil, nil): login = nil
        case (let user?, let password?): login = (user, password)
        default:
            settings.refuse("mailUser and mailPassword: give both or none")
            return nil
        }
        guard let way = Self.way(server, login: login, authority: settings.text(.mailAuthority)) else {
            settings.refuse(
                "mailServer must be smtp://host, smtps://host, smtp+plain://host or file:///directory, not '\(server)'")
            return nil
        }
        self.way = way
        self.port = port
        sender = settings.required(.mailSender)
        domain = settings.required(.domain)
    }

    private static func way(
        _ text: String, login: (user: String, password: String)?, authority: String?
    ) -> Way? {
        guard let url = URLComponents(string: text), url.user == nil, url.query == nil, url.fragment == nil else {
            return nil
        }
        if url.scheme == "file" { return url.path.hasPrefix("/") && url.path.count > 1 ? .directory(url.path) : nil }
        guard let host = url.host, !host.isEmpty, url.path.isEmpty || url.path == "/" else { return nil }
        let port = url.port
        var configuration: SMTPTransport.Configuration
        switch url.scheme {
        case "smtp": configuration = .init(host: host, port: port ?? 587, protection: .startTLS)
        case "smtps": configuration = .init(host: host, port: port ?? 465, protection: .tls)
        case "smtp+plain": configuration = .init(host: host, port: port ?? 25, protection: .none)
        default: return nil
        }
        configuration.login = login
        configuration.certificateAuthority = authority
        return .server(configuration)
    }

    /// The worker, with a connection of its own for each partition.
    /// - Throws: `DeliveryFailure` where libcurl cannot start; where the program's texts cannot be read.
    func worker(_ database: Deployment.Configuration, observers: Observers) throws -> MailWorker {
        let transport: any MailTransport =
            switch way {
            case .server(let configuration): try SMTPTransport(configuration)
            case .directory(let path): DirectoryTransport(directory: path)
            }
        return try MailWorker(
            deployment: .small(database, observers: observers),
            .init(transport: transport, sender: sender, domain: domain, port: port), observers: observers)
    }
}

extension Deployment {
    /// For background work: one connection for each partition.
    static func small(_ database: Configuration, observers: Observers) -> Deployment {
        var database = database
        database.pool.size = 1
        database.pool.observers = observers
        return Deployment(database)
    }
}
