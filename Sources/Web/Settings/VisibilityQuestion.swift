import Casework

/// What switching Student Visibility would do, to how many students, and whether that is meant. It carries the whole form.
struct VisibilityQuestion {
    let visit: Visit
    let wish: StudentVisibility
    let students: Int

    private var words: Catalogue { visit.words }

    @HTMLBuilder var html: HTML {
        pageHead(words[SettingsText.studentVisibility])
        section(.class("card")) {
            p { words[wish == .enabled ? SettingsText.askEnable : .askDisable, n: students] }
            visit.postForm(to: "/settings", version: visit.seen) {
                for field in visit.form.fields.sorted(by: { $0.key < $1.key }) where field.key != "confirmed" {
                    for value in field.value { hiddenField(field.key, value) }
                }
                hiddenField("confirmed", wish.rawValue)
                actions {
                    submitButton(words[wish == .enabled ? SettingsText.enable : .disable, n: students], .primary)
                    a(.class("button quiet"), .href("/settings")) { words[ShellText.cancel] }
                }
            }
        }
    }
}
