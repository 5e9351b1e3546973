/// Text keys of mail: what it says, and what is said about it.
enum MailText: String, TextKey {
    static let feature = "mails"

    case subject, subjectMany, greeting, intro, due, dashboard, reason, stop
    case requestSubject, requestsMany, requestsIntro, asksForAnswer, asksForDate, inbox, requestReason, stopRequests
    case heading, headingText, all, waiting, sending, sent, dropped, failed, none, noneText, to, day, state, actions,
        again, resend, resendAll
    case invitationSubject, invitationIntro, invitationReason, resetSubject, resetIntro, resetReason, passwordSubject,
        passwordIntro, passwordReason, linkUntil, kindInvitation, kindReset, kindPassword, kindCodesOn, kindCodesOff,
        kindReport, reportSubject, reportFirst, reportPage, reportReason,
        codesOnSubject, codesOnIntro, codesOffSubject, codesOffIntro, codesReason
    case unsubscribe, unsubscribeText, unsubscribed, unsubscribedText, unknownLink, unknownLinkText
    case own, ownText, wanted, ownRequestsText, requestsWanted, language
    case kind, reminders, requests
    case texts, textsText, isStandard, isOwn, toStandard, toStandardText, subjectLabel, openingLabel, closingLabel,
        closingHint, gaps, requestGaps, look, lookTyped, lookStored, standardSubject, standardOpening,
        requestStandardSubject,
        requestStandardOpening, sampleFirst, sampleSecond, sampleCohort
}
