import Postgres
import Tenancy

/// Cards. Everybody keeps their own; admins keep all, directors and managers those of the plain staff in their groups.
public struct CardRepository: Sendable {
    private let work: UnitOfWork

    /// - Parameter work: as the caller, for the audience `staff`.
    public init(work: UnitOfWork) {
        self.work = work
    }

    private static let student = CaseworkError.invalid("accountId", .studentsHaveNoCard)
    private static let refusals: Refusals = [
        "cards_account_id_fkey": .notFound, "cards_account_role_check": student,
    ]

    /// The account, as far as its card is the caller's business.
    private struct Owner: RowDecodable {
        let role: String?
        let isMine: Bool
        let matched: Bool

        init(row: Row) throws {
            role = try row.get("role")
            isMine = try row.get("mine")
            matched = try row.get("matched")
        }

        /// - Throws: `notFound` for a stranger, `forbidden` for a colleague, `invalid` for a student.
        func check() throws {
            guard let role else { throw CaseworkError.notFound }
            guard isMine else { throw CaseworkError.forbidden }
            guard role != "student" else { throw CardRepository.student }
        }
    }

    private struct Replacement: RowDecodable {
        let owner: Owner
        let isArchived: Bool
        let isWritten: Bool

        init(row: Row) throws {
            owner = try Owner(row: row)
            isArchived = try row.get("archived")
            isWritten = try row.get("written")
        }
    }

    /// The card of an account; an empty one where nobody has written any.
    /// - Throws: `notFound`, `forbidden`, `invalid` for a student.
    public static func find(_ account: Int) -> Reading<AccountCard> { card(of: "\(account)::int") }

    /// The caller's own.
    public static var own: Reading<AccountCard> { card(of: "waymark.account_id()") }

    private static func card(of account: SQL) -> Reading<AccountCard> {
        Reading(
            ("select \(role(of: account)) as role, \(isMine(account)) as mine, true as matched" as SQL).one(Owner.self),
            row(account)
        ) { owner, card in
            try owner.check()
            return card
        }
    }

    /// Writes the card of an account anew: what `card` leaves empty is empty afterwards.
    /// - Throws: `notFound`, `forbidden`, `invalid` for a student, `preconditionFailed`, `conflict` for an archived
    ///   account.
    public func replace(_ account: Int, with card: Card, ifMatch: IfMatch) async throws -> AccountCard {
        let (found, present) = try await Self.refusals {
            try await work(Self.replacement(account, card, ifMatch), Self.row("\(account)::int"))
        }
        try found.owner.check()
        guard found.owner.matched else { throw CaseworkError.preconditionFailed }
        guard !found.isArchived else { throw CaseworkError.archivedAccount }
        // nothing is written where nothing differs, but also where somebody else was first
        guard found.isWritten || ifMatch.allows(present.version) else { throw CaseworkError.preconditionFailed }
        return present
    }

    private static func replacement(_ account: Int, _ card: Card, _ ifMatch: IfMatch) -> Query<Replacement> {
        ("""
        with person as (
                select \(account)::int as id, \(Self.role(of: "\(account)::int")) as role,
                    \(Self.isMine("\(account)::int")) as mine,
                    exists (select from accounts where id = \(account) and status = 'archived') as archived),
            old as (
                select account_id, version, \(Self.audited) as was from cards where account_id = \(account) for update),
            checked as (
                select p.id, p.role, p.mine, p.archived, old.was,
                    \(ifMatch.accepts("coalesce(old.version, 0)")) as matched
                from person p left join old on old.account_id = p.id),
            new as (
                insert into cards as k (account_id, account_role, \(Card.columns), published)
                select id, role, \(card.title)::text, \(card.office)::text, \(card.email)::text,
                    \(card.phone)::text, \(card.location)::text, \(card.biography)::text, \(card.hours)::text,
                    \(card.bookingURL)::text, \(card.isPublished)::bool
                from checked where mine and matched and not archived and role <> 'student'
                on conflict (account_id) do update set
                    title = excluded.title, office = excluded.office, email = excluded.email, phone = excluded.phone,
                    location = excluded.location, biography = excluded.biography, hours = excluded.hours,
                    booking_url = excluded.booking_url, published = excluded.published, version = k.version + 1
                where (k.title, k.office, k.email, k.phone, k.location, k.biography, k.hours, k.booking_url, k.published)
                        is distinct from
                        (excluded.title, excluded.office, excluded.email, excluded.phone, excluded.location, excluded.biography,
                            excluded.hours, excluded.booking_url, excluded.published)
                    and \(ifMatch.accepts("k.version"))
                returning account_id, \(Self.audited) as is),
            noted as (
                insert into audit (action, subject, before, after)
                select case when checked.was is null then 'card.create' else 'card.update' end,
                    'account/' || new.account_id, checked.was, new.is
                from new join checked on checked.id = new.account_id)
        select role, mine, matched, archived, exists (select from new) as written from checked
        """ as SQL).one(Replacement.self)
    }

    private static let audited: SQL = """
        jsonb_build_object('title', title, 'office', office, 'email', email, 'phone', phone, 'location', location, 'biography', biography,
            'hours', hours, 'bookingURL', booking_url, 'published', published)
        """

    /// The role of an account, as far as the caller may know that it exists; null for a stranger.
    private static func role(of account: SQL) -> SQL {
        """
        coalesce((select a.role from accounts a where a.id = \(account)),
            (select d.role from directory d where d.id = \(account)))
        """
    }

    /// Whether the caller keeps that account's card: what the policies of `cards` say.
    static func isMine(_ account: SQL) -> SQL {
        """
        (waymark.is_admin() or \(account) = waymark.account_id()
            or coalesce(\(account) = any (waymark.member_ids()) and \(role(of: account)) = 'staff', false))
        """
    }

    /// Always one row: all null where there is no card.
    private static func row(_ account: SQL) -> Query<AccountCard> {
        ("""
        select \(Card.columns), published, version,
            (select a.email from accounts a where a.id = x.id) as account_email from (select \(account) as id) x
        left join cards on cards.account_id = x.id
        """ as SQL).one(AccountCard.self)
    }
}

extension Permission {
    /// The card of an account; colleagues see that the account exists.
    public static func card(_ id: Int) -> Permission {
        Permission(
            "select from accounts where id = \(id) union all select from directory where id = \(id)",
            editable: CardRepository.isMine("\(id)::int"))
    }
}
