import Postgres

/// Groups within groups (RFC 7643, 4.2): who is in a group is in those that have it as a member too. A circle counts once.
enum SCIMNesting {
    /// How many steps lead from a group to another that still counts; whatever is farther away does not.
    static let most = 10

    /// The groups that a user is in: a query of `scim_group_id`.
    static func groups(of user: SQL) -> SQL {
        """
        with recursive above (scim_group_id, steps) as (
            select m.scim_group_id, 0 from scim_members m where m.scim_user_id = \(user)
            union
            select s.scim_group_id, a.steps + 1 from above a join scim_subgroups s on s.member_id = a.scim_group_id
            where a.steps < \(most))
        select distinct scim_group_id from above
        """
    }

    /// The users in any of these groups: a query of `scim_user_id`.
    static func users(in groups: SQL) -> SQL {
        "\(below(groups)) select distinct m.scim_user_id from scim_members m join below b on b.id = m.scim_group_id"
    }

    /// Has whoever changes the members of these groups, or of those in them, wait.
    static func lock(_ groups: SQL) -> SQL {
        "select id from scim_groups where id in (\(below(groups)) select id from below) order by id for update"
    }

    private static func below(_ groups: SQL) -> SQL {
        """
        with recursive below (id, steps) as (
            select g.id, 0 from unnest(\(groups)) g (id)
            union
            select s.member_id, b.steps + 1 from below b join scim_subgroups s on s.scim_group_id = b.id
            where b.steps < \(most))
        """
    }
}
