import Postgres
import Tenancy

/// Users and groups of SCIM in one list (RFC 7644, 3.4.3).
public enum SCIMSearchRepository {
    /// The users and then the groups that a filter lets through, each the oldest first. What only one kind has, the other lacks.
    /// - Throws: `CaseworkError.invalid` where the filter compares what neither can be looked for by.
    public static func list(_ page: SCIMPage, members: Bool = true) throws -> Reading<SCIMList> {
        let users = try page.condition {
            condition($0, "User", SCIMUserRepository.condition, SCIMGroupRepository.condition)
        }
        let groups = try page.condition {
            condition($0, "Group", SCIMGroupRepository.condition, SCIMUserRepository.condition)
        }
        let counted: SQL = "(select count(*) from scim_users u where \(users))"
        let total: SQL = "select \(counted) + (select count(*) from scim_groups g where \(groups))"
        let usersOfPage: SQL = """
            select \(StoredSCIMUser.columns) from scim_users u where \(users)
            order by u.id offset \(page.skipped) limit \(page.count)
            """
        // groups begin where the users end
        let groupsOfPage: SQL = """
            select \(StoredSCIMGroup.columns(members: members)) from scim_groups g where \(groups)
            order by g.id offset greatest(\(page.skipped) - \(counted), 0)
            limit \(page.count) - least(greatest(\(counted) - \(page.skipped), 0), \(page.count))
            """
        return Reading(
            total.value(Int.self), usersOfPage.all(StoredSCIMUser.self), groupsOfPage.all(StoredSCIMGroup.self)
        ) {
            SCIMList(total: $0, start: page.start, resources: ($1 as [any SCIMResource]) + $2)
        }
    }

    private static func condition(
        _ comparison: SCIMComparison, _ type: String, _ own: (SCIMComparison) -> SQL?, _ other: (SCIMComparison) -> SQL?
    ) -> SQL? {
        if comparison.path.plain == "meta.resourcetype" { return "\(comparison.text == type)" }
        return own(comparison) ?? other(comparison).map { _ in "false" }
    }
}
