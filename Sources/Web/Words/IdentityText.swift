/// Text keys of signing in by an OpenID provider.
enum IdentityText: String, TextKey {
    static let feature = "identities"

    case title, text, enabled, enabledHint, issuer, issuerHint, clientID, clientSecret, clientSecretHint,
        clientSecretKept, returnAddress, returnAddressHint, label, labelHint, emailClaim, emailClaimHint,
        requiresVerifiedEmail, requiresVerifiedEmailHint, domains, domainsHint, numberClaim, numberClaimHint,
        createsStudents, createsStudentsHint, linksStudents, linksStudentsHint, studentPasswords,
        studentPasswordsHint, rules, rulesHint, test, testText, testGood, testUnreachable, testUnusable
    case heading, linked, lastUsed, unlink, unlinkText, notLinked, awaited, startAwaiting, stopAwaiting
    case button, orPassword, otherWindow
    case refusedOff, refusedUnreachable, refusedUnusable, refusedDeclined, refusedStrange, refusedInactive,
        refusedTaken, refusedUnknown, refusedUnaddressed
}
