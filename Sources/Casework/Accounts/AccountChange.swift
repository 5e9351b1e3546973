import Postgres
import Tenancy

extension AccountRepository {
    /// Changes a person.
    ///
    /// A new password, role or status ends the person's sessions. Who becomes a student loses memberships, directorships
    /// and card; who stops being a director loses the directorships, who stops being an admin the API tokens. Where
    /// nothing differs nothing is written.
    /// - Parameters:
    ///   - passwords: hashes the new password before the transaction begins.
    ///   - tells: whether a mail says that the password is another now.
    /// - Throws: `CaseworkError.conflict` for the last active admin, a student with work in a cohort, an archived account
    ///   and a taken address; `.preconditionFailed`; `.invalid`; `.notFound`.
    public func update(
        _ id: Int, _ patch: AccountPatch, ifMatch: IfMatch, hashing passwords: PasswordHasher, tells: Bool = false
    ) async throws -> Account {
        var hash: String?
        if let password = patch.password {
            hash = try await passwords.hash(password, for: .accounts(of: work.institution.id))
        }
        let change = AccountChange(patch: patch, passwordHash: hash, tells: tells)
        return try await naming(patch.email) {
            try await work.transaction { try await change.run(id, ifMatch: ifMatch, in: $0) }
        }
    }
}

/// One change of one account, within its transaction.
private struct AccountChange: Sendable {
    let patch: AccountPatch
    let passwordHash: String?
    let tells: Bool

    func run(_ id: Int, ifMatch: IfMatch, in transaction: Transaction) async throws -> Account {
        let isRank = patch.role != nil || patch.status != nil
        let (current, ties) = try await AccountTies.lock(
            id, amongAdmins: isRank, alone: isRank || passwordHash != nil, in: transaction)
        try ifMatch.check(current.version)
        guard changes(current) else { return current }
        let role = patch.role ?? current.role
        let status = patch.status ?? current.status
        try check(current, role, status, ties)

        let stopsBeingDirector = current.role == .director && role != .director
        let becomesStudent = current.role != .student && role == .student
        let endsSessions = passwordHash != nil || role != current.role || status != current.status
        let (_, _, _, _, account, _, _, _, _) = try await transaction(
            Self.endDirectorships(of: id, if: stopsBeingDirector),
            Self.endMemberships(of: id, if: becomesStudent),
            Self.removeCard(of: id, if: becomesStudent),
            AccountTies.dropIdleEnrollments(of: id, if: current.role == .student && role != .student),
            write(id).one(Account.self),
            Self.endSessions(of: id, if: endsSessions),
            Self.withdrawInvitations(of: id, if: passwordHash != nil),
            Self.revokeTokens(of: id, if: current.role == .admin && role != .admin),
            Self.tellOfPassword(of: id, if: passwordHash != nil && tells))
        return account
    }

    private func changes(_ current: Account) -> Bool {
        passwordHash != nil
            || changesAddress(current)
            || patch.givenName.map { $0 != current.givenName } ?? false
            || patch.familyName.map { $0 != current.familyName } ?? false
            || patch.preferredName.applied(to: current.preferredName) != current.preferredName
            || patch.role.map { $0 != current.role } ?? false
            || patch.status.map { $0 != current.status } ?? false
            || patch.studentNumber.applied(to: current.studentNumber) != current.studentNumber
    }

    private func changesAddress(_ current: Account) -> Bool { patch.email.map { $0.text != current.email } ?? false }

    private func check(_ current: Account, _ role: Role, _ status: AccountStatus, _ ties: AccountTies) throws {
        if current.status == .archived, status == .archived {
            throw CaseworkError.archivedAccount
        }
        try ties.checkAdminsRemain(after: current, becomes: (role, status))
        if current.role == .student, role != .student, !ties.cohorts.isEmpty {
            throw CaseworkError.conflict(Refusal(.studentInCohort), blockedBy: ties.enrollments)
        }
        if let password = patch.password {
            do {
                try PasswordRule.check(
                    password,
                    of: PasswordOwner(
                        email: patch.email?.text ?? current.email,
                        names: [
                            patch.givenName ?? current.givenName, patch.familyName ?? current.familyName,
                            patch.preferredName.applied(to: current.preferredName),
                        ]))
            } catch {
                throw CaseworkError.invalid("password", error)
            }
        }
    }

    private func write(_ id: Int) -> SQL {
        let password: SQL = passwordHash.map { "password_hash = \($0)," } ?? ""
        let preferred = patch.preferredName
        let number = patch.studentNumber
        return """
            with old as (select \(Account.columns) from accounts where id = \(id)),
            new as (
                update accounts set email = coalesce(\(patch.email?.text), email),
                    given_name = coalesce(\(patch.givenName), given_name),
                    family_name = coalesce(\(patch.familyName), family_name),
                    preferred_name = case when \(preferred.isPresent) then \(preferred.value) else preferred_name end,
                    role = coalesce(\(patch.role), role), status = coalesce(\(patch.status), status),
                    student_number = case when \(number.isPresent) then \(number.value) else student_number end,
                    \(password) version = version + 1
                where id = \(id) returning \(Account.columns)),
            noted as (
                insert into audit (action, subject, before, after)
                select 'account.update', 'account/' || \(id)::int, (select \(Account.audited) from old),
                    \(Account.audited) || case when \(passwordHash != nil) then '{"password": "changed"}' else '{}' end::jsonb
                from new)
            select \(Account.columns) from new
            """
    }

    private static func endDirectorships(of id: Int, if wanted: Bool) -> Query<Void> {
        let sql: SQL = """
            with old as (delete from department_directors where account_id = \(id) and \(wanted) returning department_id)
            insert into audit (action, subject, before)
            select 'director.delete', 'department/' || department_id, jsonb_build_object('accountId', \(id)::int) from old
            """
        return sql.done()
    }

    private static func endMemberships(of id: Int, if wanted: Bool) -> Query<Void> {
        let sql: SQL = """
            with old as (delete from group_members where account_id = \(id) and \(wanted) returning group_id, manager)
            insert into audit (action, subject, before)
            select 'member.delete', 'group/' || group_id, jsonb_build_object('accountId', \(id)::int, 'manager', manager)
            from old
            """
        return sql.done()
    }

    private static func removeCard(of id: Int, if wanted: Bool) -> Query<Void> {
        let sql: SQL = """
            with old as (delete from cards where account_id = \(id) and \(wanted)
                returning account_id, title, office, email, phone, location, biography, hours, booking_url, published)
            insert into audit (action, subject, before)
            select 'card.delete', 'account/' || account_id, jsonb_build_object('title', title, 'office', office,
                'email', email, 'phone', phone, 'location', location, 'biography', biography, 'hours', hours,
                'bookingURL', booking_url, 'published', published)
            from old
            """
        return sql.done()
    }

    private static func endSessions(of id: Int, if wanted: Bool) -> Query<Void> {
        let sql: SQL = "delete from sessions where account_id = \(id) and \(wanted)"
        return sql.done()
    }

    /// A link sent before must not undo the new password. The database withdraws those to an address that changes.
    private static func withdrawInvitations(of id: Int, if wanted: Bool) -> Query<Void> {
        let sql: SQL = "delete from invitations where account_id = \(id) and used_at is null and \(wanted)"
        return sql.done()
    }

    private static func tellOfPassword(of id: Int, if wanted: Bool) -> Query<Void> {
        let sql: SQL = "select tell_of(\(id)::int, 'password') where \(wanted)"
        return sql.done()
    }

    /// For good: who becomes an admin again makes new ones.
    private static func revokeTokens(of id: Int, if wanted: Bool) -> Query<Void> {
        let sql: SQL = """
            update api_tokens set revoked_at = now() where maker_id = \(id) and revoked_at is null and \(wanted)
            """
        return sql.done()
    }
}

extension CaseworkError {
    /// An archived account, and its card, is read-only.
    static let archivedAccount = CaseworkError.conflict(Refusal(.accountArchived), state: "archived")

    /// Only an archived student is erased.
    static let unarchivedAccount = CaseworkError.conflict(Refusal(.accountNotArchived), state: "not-archived")

    /// A student who was erased is nobody, for good.
    static let erasedAccount = CaseworkError.conflict(Refusal(.accountErased), state: "erased")
}
