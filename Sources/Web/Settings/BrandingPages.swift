import Casework
import Hummingbird
import Tenancy

/// How an institution looks, as admins choose it.
enum BrandingPages {
    static let routes: [PageRoute] = [
        .get("/settings/branding", .signedIn(.adminInPerson)) { try await show($0) },
        .post("/settings/branding", .signedIn(.adminInPerson), files: true) { visit in
            try await visit.attempt {
                let logo = try await logo(visit.form)
                let patch = try Fields.read(form: visit.form.fields) { fields in
                    _ = fields.optional("removeLogo", .bool)
                    return SettingsPatch(&fields, logo: logo)
                }
                _ = try await SettingsRepository(work: visit.call.work()).update(patch, ifMatch: visit.seenVersion)
                var answer = visit.redirect("/settings/branding", done: .saved)
                // else this browser would show the old color for as long as it keeps /brand.css
                answer.headers[.clearSiteData] = #""cache""#
                return answer
            } again: {
                try await show($0)
            }
        },
    ]

    private static func logo(_ form: Form) async throws -> Patch<[UInt8]> {
        guard let file = form.files["logo"]?.first, file.content.size > 0 else {
            return form["removeLogo"] == "true" ? .null : .absent
        }
        guard file.content.size <= Branding.logoLimit else {
            throw CaseworkError.invalid("logo", .beyond(.tooManyBytes, most: Branding.logoLimit))
        }
        return .value(try Branding.checked(try await file.content.bytes()))
    }

    private static func show(_ visit: Visit) async throws -> Response {
        let (viewer, settings) = try await visit.read(SettingsRepository.find())
        return visit.page(title: visit.words[BrandingText.title], viewer: viewer, current: "/settings") {
            BrandingPage(visit: visit, settings: settings).html
        }
    }
}
