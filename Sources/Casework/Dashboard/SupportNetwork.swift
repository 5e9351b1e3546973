import Postgres

/// The groups that support a student, and their members.
public struct SupportNetwork: Sendable {
    /// One member of one group.
    public struct Member: Sendable {
        /// The group.
        public let groupID: Int
        /// Its name.
        public let group: String
        /// The member's account.
        public let id: Int
        /// The member's name.
        public let name: String
        /// How to reach the member; nil unless the card is published.
        public let card: Card?
    }

    /// By group, then by the members' names.
    public let members: [Member]
    /// The accounts of those who are the student's personal contact; whoever of them is no member is not shown.
    public internal(set) var contacts: Set<Int> = []

    /// The members of each group, in order.
    public var groups: [ArraySlice<Member>] {
        var groups: [ArraySlice<Member>] = []
        var start = members.startIndex
        for index in members.indices
        where index + 1 == members.endIndex || members[index + 1].groupID != members[index].groupID {
            groups.append(members[start...index])
            start = index + 1
        }
        return groups
    }

    /// Somebody of the network, with all their groups.
    public struct Supporter: Sendable {
        /// The account.
        public let id: Int
        /// The name.
        public let name: String
        /// How to reach the person; nil unless the card is published.
        public let card: Card?
        /// Whether it is the student's personal contact.
        public let isContact: Bool
        /// The names of the groups.
        public internal(set) var groups: [String]
    }

    /// Everybody once: the personal contacts, then the others in the order in which they come first.
    public var people: [Supporter] {
        var people: [Supporter] = []
        var places: [Int: Int] = [:]
        for member in members {
            if let place = places[member.id] {
                people[place].groups.append(member.group)
            } else {
                places[member.id] = people.count
                people.append(
                    Supporter(
                        id: member.id, name: member.name, card: member.card,
                        isContact: contacts.contains(member.id), groups: [member.group]))
            }
        }
        return people.filter(\.isContact) + people.filter { !$0.isContact }
    }

    /// The accounts to show before all others: personal contacts, then of each group somebody whose card is published, else
    /// its first member.
    /// - Parameter limit: the most of them.
    public func first(_ limit: Int) -> Set<Int> {
        var first = Set(members.map(\.id).filter(contacts.contains))
        for group in groups where first.count < limit {
            if let member = group.first(where: { $0.card != nil }) ?? group.first { first.insert(member.id) }
        }
        return first
    }

    /// Every member of every group that supports the calling student; each once, however many cohorts share it.
    static let own = SQL(
        """
        select \(columns) from my_support_network order by group_name, group_id, sort_name, account_id
        """
    ).all(Member.self).map { SupportNetwork(members: $0) }

    /// Every member of every group attached to one of the cohorts that `cohort` names; each once, however many cohorts share it.
    static func query(of cohorts: SQL) -> Query<SupportNetwork> {
        SQL(
            """
            select distinct \(columns) from support_network where \(cohorts)
             order by group_name, group_id, sort_name, account_id
            """
        ).all(Member.self).map { SupportNetwork(members: $0) }
    }

    private static let columns: SQL = "group_id, group_name, account_id, name, sort_name, carded, \(Card.columns)"
}

extension SupportNetwork.Member: RowDecodable {
    /// Reads the columns of `support_network` or `my_support_network`.
    public init(row: Row) throws {
        groupID = try row.get("group_id")
        group = try row.get("group_name")
        id = try row.get("account_id")
        name = try row.get("name")
        card = try Card.published(in: row)
    }
}

extension SupportNetwork: JSONEncodable {
    /// Writes the groups with their members.
    public func write(to json: inout JSONWriter) {
        json.array { json in
            for members in groups {
                json.object {
                    $0.field("group", members.first?.group)
                    $0.array("members", members) { json, member in
                        json.object {
                            $0.field("name", member.name)
                            $0.field("card", member.card)
                            if contacts.contains(member.id) { $0.field("contact", true) }
                        }
                    }
                }
            }
        }
    }
}
