/// Text keys of mail: what it says, and what is said about it.
enum MailText: String, TextKey {
    static let feature = "mails"

    case subject, subjectMany, greeting, intro, due, dashboard, reason, stop
    case heading, headingText, all, waiting, sending, sent, dropped, failed, none, noneText, to, day, state, actions,
        again, resend, resendAll
    case invitationSubject, invitationIntro, invitationReason, resetSubject, resetIntro, resetReason, passwordSubject,
        passwordIntro, passwordReason, linkUntil, kind, kindReminder, kindInvitation, kindReset, kindPassword
    case unsubscribe, unsubscribeText, unsubscribed, unsubscribedText, unknownLink, unknownLinkText
    case own, ownText, wanted, language
    case texts, textsText, isStandard, isOwn, toStandard, toStandardText, subjectLabel, openingLabel, closingLabel,
        closingHint, gaps, look, lookTyped, lookStored, standardSubject, standardOpening, sampleFirst, sampleSecond,
        sampleCohort
}
