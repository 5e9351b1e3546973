/// Text keys of the inbox.
enum InboxText: String, TextKey {
    static let feature = "inbox"

    case title, text, show, everything, unread, nothing, nothingUnread, nothingText, markAll, markRead, new, request,
        unanswered, mail, completed, returned, waived, reopened, attached, detached, joined, left, other, whyAdmin,
        whyRequest, whyUnanswered, whyMail, whyAnswer, whySupport, whyGroup, extensionRequest, granted, declined,
        revoked
}
