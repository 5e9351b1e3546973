/// Text keys of API tokens.
enum TokenText: String, TextKey {
    static let feature = "tokens"

    case heading, intro, made, once, token, name, nameHint, may, until, lastDay, lastDayHint, expired, actions, by,
        none, noneText, new, revoke, revokeText
    case scopeRead = "scope-read"
    case scopeWrite = "scope-write"
    case scopeScim = "scope-scim"
}
