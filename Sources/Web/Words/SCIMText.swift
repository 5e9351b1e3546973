/// Text keys of SCIM.
enum SCIMText: String, TextKey {
    static let feature = "scim"

    case title, intro, connect, connectText, address, make, tokenName, lastDay, lastDayHint, others, othersText,
        othersRole,
        nothing, counts, groups, groupsText, noGroups, noGroupsText, group, members, become, belong, noGroup, save,
        back,
        rule, ruleText, problems, problemsText, user, why, question, questionText, confirm
}
