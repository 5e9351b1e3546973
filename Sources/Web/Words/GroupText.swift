/// Text keys of groups and their members.
enum GroupText: String, TextKey {
    static let feature = "groups"

    case heading, intro, find, inUse, archivedOnes, new, none, name, nameHint, does, department,
        departmentHint, noDepartment, archivedTag, archivedText, foreign, cardsMissing, members, member, people,
        manages, manager, make, unmake, card, published, missing, unreachable, actions, remove, removeText, noMembers,
        noMembersText, addMember, findPerson, add, noMatches, details, end, archive, archiveText, restore,
        restoreText, delete, deleteText
}
