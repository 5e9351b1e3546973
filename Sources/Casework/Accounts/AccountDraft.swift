/// A new account, as somebody sent it.
public struct AccountDraft: Sendable {
    /// Unique without regard to case.
    public var email: EmailAddress
    /// First name; empty for those who only have a last one.
    public var givenName: String
    /// Last name, or empty.
    public var familyName: String
    /// What the person wants to be called instead of the given name.
    public var preferredName: String?
    /// What the person may do at most.
    public var role: Role
    /// Whether the person may come in.
    public var status: AccountStatus
    /// The institution's own number of a student.
    public var studentNumber: String?
    /// Without one the person comes in by an invitation.
    public var password: String?

    /// A draft of these values, which `Fields` would have accepted.
    public init(
        email: EmailAddress, givenName: String, familyName: String = "", preferredName: String? = nil, role: Role,
        status: AccountStatus = .active, studentNumber: String? = nil, password: String? = nil
    ) {
        self.email = email
        self.givenName = givenName
        self.familyName = familyName
        self.preferredName = preferredName
        self.role = role
        self.status = status
        self.studentNumber = studentNumber
        self.password = password
    }

    /// Reads the fields of `POST /accounts` or of the page's form.
    public init(_ fields: inout Fields) {
        email = fields.required("email", .email)
        givenName = fields.value("givenName", .text(0...200), default: "")
        familyName = fields.value("familyName", .text(0...200), default: "")
        if givenName.isEmpty, familyName.isEmpty {
            fields.refuse("givenName", fields.has("givenName") ? .empty : .required)
        }
        preferredName = fields.optional("preferredName", .text(1...100))
        role = fields.required("role", .choice(Role.self))
        status = fields.value("status", .choice(AccountStatus.self), default: .active)
        studentNumber = fields.optional("studentNumber", .text(1...100))
        password = fields.optional(
            "password",
            .password(of: PasswordOwner(email: email.text, names: [givenName, familyName, preferredName])))
    }
}

/// A change of an account: what is nil or absent stays.
public struct AccountPatch: Sendable {
    /// The new address.
    public var email: EmailAddress?
    /// The new first name.
    public var givenName: String?
    /// The new last name.
    public var familyName: String?
    /// What the person wants to be called now, or none any more.
    public var preferredName: Patch<String> = .absent
    /// The new role.
    public var role: Role?
    /// The new status.
    public var status: AccountStatus?
    /// The new number, or none any more.
    public var studentNumber: Patch<String> = .absent
    /// The new password.
    public var password: String?

    /// A change of nothing.
    public init() {}

    /// Reads the fields of `PATCH /accounts/{id}` or of the page's form.
    public init(_ fields: inout Fields) {
        email = fields.patch("email", .email)
        givenName = fields.patch("givenName", .text(0...200))
        familyName = fields.patch("familyName", .text(0...200))
        if givenName == "", familyName == "" { fields.refuse("givenName", .empty) }
        preferredName = fields.patchOptional("preferredName", .text(1...100))
        role = fields.patch("role", .choice(Role.self))
        status = fields.patch("status", .choice(AccountStatus.self))
        studentNumber = fields.patchOptional("studentNumber", .text(1...100))
        password = fields.patch("password", .password)
    }
}
