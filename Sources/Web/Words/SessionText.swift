/// Text keys of signing in.
enum SessionText: String, TextKey {
    static let feature = "sessions"

    case signIn, email, password, wrong, throttled, expired, resumeTitle, resumeText, resumeSend,
        choose, institution, institutionHint, unknownInstitution, go, invited, invitedText, setPassword,
        linkGone, linkGoneText, linkGoneAskText, reset, resetAskText, resetAsk, expiredCopy, earlierTitle, earlierText,
        otherTitle, otherText,
        unknownText, droppedTitle, droppedText, account, accountText, accountHint, changePassword, currentPassword,
        newPassword, notYourPassword, language, sessions, since, lastUsed, here, endOthers, forgot, forgotText, signOut,
        place, unknownProgram,
        codes, codesText, codesOpen, codesDemanded, codesOff, codesOn, codesBegin, codesSetUp, codesEnd, codesEndText,
        codesEndDemanded, secret, secretText, picture, openApp, confirm, confirmText, recoveryCodes, recoveryText,
        recoveryLeft,
        recoveryRenew, code, codeTitle, codeText, codeLost, codeTooLate, wrongCode, startOver, record, recordText,
        recordGet
}
