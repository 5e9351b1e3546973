/// Text keys of rosters that are fetched from a server.
enum RosterSourceText: String, TextKey {
    static let feature = "roster-sources"

    case title, text, rules, enabled, enabledHint, baseURL, baseURLHint, tokenURL, tokenURLHint, clientID, clientSecret,
        clientSecretHint, clientSecretKept, scope, scopeHint, every, everyHour, everyHours, everyDay,
        hour, hourHint, suspendsMissing, suspendsMissingHint,
        partial, partialHint, settings
    case test, testText, testGood, testBad
    case runs, nextRun, noNextRun, runNow, whole, wholeHint, noRuns, noRunsText, runAnyway, runAnywayText
    case when, what, result, counts, everything, changes, wantedBy, byTheHour, short, problems
    case waiting, running, done, failed
    case records, added, updated, unchanged, rejected, skipped, suspended, leaving
    case secret, forbidden, unreachable, untrusted, token, unauthorized, refused, busy, unusable, tooLarge, tooLong,
        lost, stopped, unsure, unusableRecords, changed, program
}
