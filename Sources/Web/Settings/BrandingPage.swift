import Casework

/// Logo and color of the institution.
struct BrandingPage {
    let visit: Visit
    let settings: Settings

    private var words: Catalogue { visit.words }

    @HTMLBuilder var html: HTML {
        pageHead(words[BrandingText.title], text: words[BrandingText.text])
        section(.class("card")) {
            visit.postForm(.class("form"), .multipart, to: "/settings/branding", version: settings.version) {
                visit.field(
                    Input(
                        name: "color", label: words[BrandingText.color], hint: words[BrandingText.colorHint],
                        value: settings.color?.text, limit: 7))
                visit.field(
                    Input(
                        name: "logo", label: words[BrandingText.logo], hint: words[BrandingText.logoHint],
                        kind: .file(accept: "image/png,image/jpeg,image/webp")))
                if settings.logo != nil {
                    visit.field(Input(name: "removeLogo", label: words[BrandingText.removeLogo], kind: .check))
                }
                actions {
                    submitButton(words[BrandingText.save], .primary)
                    a(.class("button quiet"), .href("/settings")) { words[ShellText.cancel] }
                }
            }
        }
    }
}
