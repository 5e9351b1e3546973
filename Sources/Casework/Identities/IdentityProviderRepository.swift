import Postgres
import Tenancy

extension SealedColumn {
    /// The secret by which the provider knows us.
    static let providerSecret = SealedColumn(table: "identity_providers", row: "id", secret: "sealed_secret")
}

/// The institution's OpenID provider. Admins set it in person, never by API token.
public struct IdentityProviderRepository: Sendable {
    private let work: UnitOfWork

    /// - Parameter work: as the caller.
    public init(work: UnitOfWork) {
        self.work = work
    }

    /// The provider as it is set.
    public static func find() -> Reading<IdentityProvider> { Reading(row) }

    /// What the button of the sign-in page says, for the gate; nil where nobody signs in by a provider.
    public static var button: Reading<String?> {
        let sql: SQL =
            "select coalesce(label, (select name from settings)) as name from identity_providers where enabled"
        return Reading(sql.optionalValue(String.self))
    }

    private static let row: Query<IdentityProvider> =
        ("select \(IdentityProvider.columns) from identity_providers where id = 1" as SQL).one(IdentityProvider.self)

    private static let audited: SQL = """
        jsonb_build_object('enabled', enabled, 'issuer', issuer, 'clientId', client_id, 'label', label, 'emailClaim', email_claim,
            'numberClaim', number_claim, 'createsStudents', creates_students, 'linksStudents', links_students,
            'requiresVerifiedEmail', requires_verified_email, 'domains', domains, 'rules', rules, 'studentPasswords', student_passwords,
            'clientSecret', case when sealed_secret is null then 'none' else 'set' end)
        """
    private static let columns: SQL = """
        enabled, issuer, client_id, sealed_secret, label, email_claim, number_claim, creates_students, links_students,
        requires_verified_email, domains, rules, student_passwords
        """

    /// Sets the provider. A secret that is not sent stays, but goes where issuer or client are others: it is not theirs.
    /// - Parameter keys: seal the secret; called only where there is one.
    /// - Throws: `preconditionFailed`.
    public func set(
        _ draft: IdentityProviderDraft, ifMatch: IfMatch, keys: () throws -> SecretKeys
    ) async throws -> IdentityProvider {
        let place = SealedColumn.providerSecret.place(in: work.institution, row: 1)
        let sealed = try draft.secret.value.map { try keys().seal(Array($0.utf8), at: place).text }
        let rules = JSONWriter.text(of: draft.rules)
        let sql: SQL = """
            with old as (select \(Self.columns) from identity_providers where id = 1 and \(ifMatch.accepts("version")) for update),
                new as (
                    update identity_providers p set enabled = \(draft.isEnabled), issuer = \(draft.issuer),
                        client_id = \(draft.clientID), label = \(draft.label), email_claim = \(draft.emailClaim),
                        number_claim = \(draft.numberClaim), creates_students = \(draft.createsStudents),
                        links_students = \(draft.linksStudents), requires_verified_email = \(draft.requiresVerifiedEmail),
                        domains = \(draft.domains), rules = \(rules)::jsonb, student_passwords = \(draft.studentPasswords),
                        sealed_secret = case when \(draft.secret.isPresent) then \(sealed)::text
                            when (old.issuer, old.client_id) is distinct from (\(draft.issuer)::text, \(draft.clientID)::text) then null
                            else old.sealed_secret end,
                        version = p.version + 1
                    from old where p.id = 1
                    returning p.enabled, p.issuer, p.client_id, p.sealed_secret, p.label, p.email_claim, p.number_claim,
                        p.creates_students, p.links_students, p.requires_verified_email, p.domains, p.rules, p.student_passwords),
                noted as (
                    insert into audit (action, subject, before, after)
                    select 'provider.update', 'identity-provider', (select \(Self.audited) from old), \(Self.audited) from new)
            select count(*)::int from new
            """
        let (changed, found) = try await work(sql.value(Int.self), Self.row)
        guard changed == 1 else { throw CaseworkError.preconditionFailed }
        return found
    }
}
