/// Text keys of people and their invitations.
enum AccountText: String, TextKey {
    static let feature = "accounts"

    case heading, intro, find, new, newText, none, noneText, record, name, givenName, familyName, preferredName,
        preferredNameHint, email, emailHint, role, roleHint, status, statusHint, number, numberHint, card, details,
        access, invite, inviteText, noInvite,
        invitation, invitations, invitationsText, inviteMail, inviteAll, inviteAllText, inviteNow,
        link, linkReady, linkOnce, linkUntil, delete, deleteThis, deleteText
    case invitationAll = "invitation-all"
    case invitationNone = "invitation-none"
    case invitationSending = "invitation-sending"
    case invitationFailed = "invitation-failed"
    case invitationInvited = "invitation-invited"
    case invitationExpired = "invitation-expired"
    case invitationAccepted = "invitation-accepted"
    case roleAll = "role-all"
    case roleAdmin = "role-admin"
    case roleDirector = "role-director"
    case roleManager = "role-manager"
    case roleStaff = "role-staff"
    case roleStudent = "role-student"
    case statusAll = "status-all"
    case statusActive = "status-active"
    case statusSuspended = "status-suspended"
    case statusArchived = "status-archived"

    case takeCodes, takeCodesText
}
