import Foundation
import Postgres
import Tenancy

/// A student who may be erased, or is.
public struct ErasableStudent: Sendable, RowDecodable {
    /// Number of the account.
    public let id: Int
    /// What the student is called.
    public let name: String
    /// The e-mail address.
    public let email: String
    /// Only who is archived can be erased.
    public let isArchived: Bool
    /// When it was done; nil where it was not.
    public let erasedAt: Date?

    /// Reads the columns of `ErasureRepository`.
    public init(row: Row) throws {
        id = try row.get("id")
        name = try row.get("name")
        email = try row.get("email")
        isArchived = try row.get("is_archived")
        erasedAt = try row.get("erased_at")
    }

    /// Whether somebody who was asked for it typed the name or the address: nobody erases one student for another.
    func isMeant(by text: String) -> Bool {
        let typed = text.trimmed.lowercased()
        return typed == name.lowercased() || typed == email.lowercased()
    }
}

/// Takes away what says who a student was, and leaves the rows that reports count (GDPR, Article 17). The database does it,
/// in `erase_student`; it cannot be taken back.
public struct ErasureRepository: Sendable {
    private let work: UnitOfWork

    /// - Parameter work: as an admin in person.
    public init(work: UnitOfWork) {
        self.work = work
    }

    /// The student of that number.
    /// - Throws: `CaseworkError.notFound`.
    public static func find(_ student: Int) -> Reading<ErasableStudent> {
        let sql: SQL = """
            select id, name, email, status = 'archived' as is_archived, erased_at
            from accounts where id = \(student) and role = 'student'
            """
        return Reading(sql.optional(ErasableStudent.self), output: CaseworkError.orNotFound)
    }

    /// When an account was erased; nil where it was not, or there is none.
    public static func moment(of account: Int) -> Reading<Date?> {
        Reading(
            ("select erased_at from accounts where id = \(account) and erased_at is not null" as SQL)
                .optionalValue(Date.self))
    }

    /// Erases a student for good.
    /// - Parameter confirmation: the student's name or address, in any case.
    /// - Returns: what is left of the account.
    /// - Throws: `CaseworkError.notFound`; `.conflict` for who is not archived, or was erased before; `.invalid` for the
    ///   field `confirmation`.
    public func erase(_ student: Int, confirmation: String) async throws -> Account {
        let found = try await work.read(Self.find(student))
        guard found.erasedAt == nil else { throw CaseworkError.erasedAccount }
        guard found.isArchived else {
            throw CaseworkError.unarchivedAccount
        }
        guard found.isMeant(by: confirmation) else { throw CaseworkError.invalid("confirmation", .notTheStudent) }
        let sql: SQL = """
            with done as materialized (select erase_student(\(student)::int) as erased),
                noted as (
                    insert into audit (action, subject) select 'account.erase', 'account/' || \(student)::int from done
                    where erased)
            select erased from done
            """
        let (erased, account) = try await work.read(Reading(sql.value(Bool.self)), AccountRepository.find(student))
        // somebody else was faster, or brought the account back
        guard erased else {
            throw account.status == .archived ? CaseworkError.erasedAccount : CaseworkError.unarchivedAccount
        }
        return account
    }
}
