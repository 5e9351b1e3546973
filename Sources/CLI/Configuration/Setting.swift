import Casework

/// One thing an operator may configure, by option, environment or file.
struct Setting: Sendable {
    /// Its name in the YAML file, in camelCase.
    let key: String
    /// What it is for, with its unit.
    let help: String
    /// What holds where nobody says otherwise; nil: nothing, or it is required.
    var fallback: String?
    /// A secret may also be given as a file: `<key>File`, `WAYMARK_<KEY>_FILE`, `--<key>-file`.
    var secret = false

    /// `WAYMARK_` and the key in capitals with underscores.
    var environment: String { "WAYMARK_" + words(joined: "_").uppercased() }

    /// The command's option, with its dashes.
    var option: String { "--" + words(joined: "-") }

    /// The same setting, read from a file that holds the secret.
    var file: Setting { Setting(key: key + "File", help: "File that holds \(key).") }

    private func words(joined separator: String) -> String {
        key.map { $0.isUppercase ? separator + $0.lowercased() : String($0) }.joined()
    }
}

extension Setting {
    static let databaseURL = Setting(
        key: "databaseUrl",
        help: "Where the database is, without user: postgresql://db.example:5432/waymark", secret: true)
    static let databasePassword = Setting(
        key: "databasePassword", help: "Password of the logins waymark_app_<partition>.", secret: true)
    static let migratorPassword = Setting(
        key: "migratorPassword", help: "Password of the login waymark_migrator.", secret: true)
    static let superuserURL = Setting(
        key: "superuserUrl", help: "The database, as a superuser: makes the roles and partitions' logins first.",
        secret: true)
    static let partitions = Setting(
        key: "partitions", help: "Partitions served, separated by commas.", fallback: "1")
    static let connections = Setting(
        key: "connections", help: "Database connections for requests, for each partition.", fallback: "4")
    static let statementTimeout = Setting(
        key: "statementTimeout", help: "Seconds one request's statements may take.", fallback: "30")
    static let pooler = Setting(
        key: "pooler",
        help:
            "true: a pooler in transaction mode, such as PgBouncer, stands before the database. Its settings then hold "
            + "the time limits of statements.",
        fallback: "false")
    static let address = Setting(key: "address", help: "Address to listen on.", fallback: "127.0.0.1")
    static let port = Setting(key: "port", help: "Port to listen on; 0: any free one.", fallback: "8443")
    static let domain = Setting(
        key: "domain", help: "Domain below which each institution has its host.", fallback: "localhost")
    static let trustedProxies = Setting(
        key: "trustedProxies",
        help: "Reverse proxies that say who sent a request: addresses and CIDR blocks, separated by commas.")
    static let certificate = Setting(
        key: "certificate", help: "PEM file: the certificate and its chain. Read again when it changes.")
    static let key = Setting(key: "key", help: "PEM file: the certificate's private key.")
    static let metricsAddress = Setting(
        key: "metricsAddress", help: "Address of GET /metrics and GET /healthz for a collector, plain HTTP.",
        fallback: "127.0.0.1")
    static let metricsPort = Setting(
        key: "metricsPort", help: "Port of GET /metrics of waymark serve; 0: no metrics.", fallback: "9464")
    static let workMetricsPort = Setting(
        key: "workMetricsPort",
        help: "Port of GET /metrics of waymark work, which may run beside waymark serve; 0: no metrics.", fallback: "0")
    static let passwordWorkers = Setting(
        key: "passwordWorkers",
        help: "Passwords checked at the same time; each takes a core for about a third of a second, and 128 MiB.",
        fallback: String(PasswordHasher.defaultWorkers))
    static let passwordWait = Setting(
        key: "passwordWait",
        help: "Seconds a password may wait to be checked (or as long as two checks take); beyond, the answer is 503.",
        fallback: "2")
    static let worker = Setting(
        key: "worker",
        help:
            "true: send mail, fetch rosters, take in files of the import folder and sweep out what has expired, beside "
            + "serving; false: leave it to waymark work.",
        fallback: "true")
    static let mailServer = Setting(
        key: "mailServer",
        help: "Where mail goes: smtp://host:587 (STARTTLS), smtps://host:465 (TLS), smtp+plain://localhost:25 (no "
            + "encryption), or file:///directory for one .eml file per mail. Without it no reminders and no links "
            + "for passwords are sent.")
    static let mailUser = Setting(key: "mailUser", help: "Login at the mail server.")
    static let mailPassword = Setting(key: "mailPassword", help: "Password of mailUser.", secret: true)
    static let mailSender = Setting(
        key: "mailSender",
        help: "Address mail comes from, such as reminders@example.edu; {institution} in it stands for the institution.")
    static let mailAuthority = Setting(
        key: "mailAuthority", help: "PEM file: who may have signed the mail server's certificate, if not the system's.")
    static let publicPort = Setting(
        key: "publicPort", help: "Port at which people reach Waymark, for links.", fallback: "443")
    static let virusScanner = Setting(
        key: "virusScanner",
        help:
            "clamd, which looks into every file before anybody sees it: tcp://host:3310 or unix:///run/clamav/clamd.ctl. "
            + "While it does not answer no file is taken. Its StreamMaxLength must be 25M at least.")
    static let importFolder = Setting(
        key: "importFolder",
        help: "Folder that holds one for each institution, named by its slug, from which files of people are taken in "
            + "where its admins want that. Without it none are.")
    static let allowedDestinations = Setting(
        key: "allowedDestinations",
        help: "Where addresses typed by institutions may lead besides the public network, separated by commas: hosts "
            + "(idp.campus.example), addresses and CIDR blocks; http://host also allows that host without TLS.")
    static let outgoingAuthority = Setting(
        key: "outgoingAuthority",
        help: "PEM file: who may have signed certificates of the servers that institutions name, besides the system's.")
    static let secretKeys = Setting(
        key: "secretKeys",
        help:
            "Keys by which stored secrets are encrypted (codes of authenticator apps, single sign-on, servers of rosters), one a line, the "
            + "newest first; waymark secrets new-key writes the file. Without it those features cannot be set up.",
        secret: true)
    static let logLevel = Setting(
        key: "logLevel", help: "trace, debug, info, notice, warning, error or critical.", fallback: "info")
    static let allowOutdatedServer = Setting(
        key: "allowOutdatedServer", help: "true: run on PostgreSQL versions with known row-security faults.",
        fallback: "false")

    /// All of them: what a configuration file may hold.
    static let all: [Setting] = serving + [workMetricsPort, migratorPassword, superuserURL]

    /// What `waymark serve` reads.
    static let serving: [Setting] =
        [
            databaseURL, databasePassword, partitions, connections, statementTimeout, pooler, address, port, domain,
            trustedProxies,
            certificate, key, metricsAddress, metricsPort, passwordWorkers, passwordWait, worker, virusScanner,
            importFolder, secretKeys, logLevel, allowOutdatedServer,
        ] + mailing + outgoing

    /// What `waymark work` reads.
    static let working: [Setting] =
        [
            databaseURL, databasePassword, partitions, pooler, domain, metricsAddress, workMetricsPort, secretKeys,
            importFolder, logLevel,
        ] + mailing + outgoing

    /// What sending mail takes.
    static let mailing: [Setting] = [mailServer, mailUser, mailPassword, mailSender, mailAuthority, publicPort]

    /// What requests to other servers take.
    static let outgoing: [Setting] = [allowedDestinations, outgoingAuthority]

    /// What operator commands read.
    static let operating: [Setting] = [databaseURL, migratorPassword]

    /// What `waymark migrate` reads.
    static let migrating: [Setting] = [databaseURL, migratorPassword, superuserURL, databasePassword, partitions]

    /// The part of a command's help that names every key.
    static func help(_ settings: [Setting]) -> String {
        let lines = settings.flatMap { setting in
            [
                "  \(setting.key)  (\(setting.option), \(setting.environment))"
                    + (setting.secret
                        ? "  or \(setting.key)File, \(setting.file.option), \(setting.file.environment)" : ""),
                "      \(setting.help)" + (setting.fallback.map { " [\($0)]" } ?? ""),
            ]
        }
        return """
            Configuration: options, then the environment, then the YAML file of --config or WAYMARK_CONFIG.

            \(lines.joined(separator: "\n"))
            """
    }
}
