/// Which keys answer requests: a dialog that the script opens. Without the script there are no such keys.
struct QueueKeys {
    private static let keys: [(key: String, text: ProgressText)] = [
        ("j", .keyNext), ("k", .keyPrevious), ("a", .keyApprove), ("r", .keyOther), ("u", .keyUndo), ("/", .keySearch),
        ("?", .keyHelp),
    ]

    let words: Catalogue

    @HTMLBuilder var html: HTML {
        button(.class("quiet"), .type("button"), .data("keys-open"), .hidden) { words[ProgressText.keys] }
        dialog(.id("keys"), .labelledBy("keys-title")) {
            h2(.id("keys-title")) { words[ProgressText.keys] }
            ul(.class("keys")) {
                for entry in Self.keys {
                    li {
                        kbd { entry.key }
                        words[entry.text]
                    }
                }
            }
            span(.class("choice")) {
                input(.type("checkbox"), .id("keys-on"), .checked)
                label(.for("keys-on")) { words[ProgressText.keysOn] }
            }
            form(.class("actions"), .dialog) { submitButton(words[ProgressText.close], .primary) }
        }
    }
}
