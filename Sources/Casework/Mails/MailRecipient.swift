import Postgres

/// To whom a mail goes.
public struct MailRecipient: Sendable {
    /// E-mail address.
    public let email: String
    /// What the person is called.
    public let name: String
    /// The language the person chose for mail, else the institution's, BCP 47; nil: none.
    public let language: String?
    /// By it the person may unsubscribe without signing in; nil where none was made.
    public let token: String?
}

extension MailRecipient: RowDecodable {
    /// Reads a row of `mail_recipients`.
    public init(row: Row) throws {
        email = try row.get("email")
        name = try row.get("name")
        language = try row.get("language")
        token = try row.get("token")
    }
}
