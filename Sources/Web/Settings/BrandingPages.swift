import Casework
import HTTPTypes
import Hummingbird
import NIOCore
import Tenancy

/// How an institution looks: what admins choose, and what every browser is told, before sign-in too.
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
                return visit.redirect("/settings/branding", done: .saved)
            } again: {
                try await show($0)
            }
        },
        .get("/brand.css", .open) { visit in
            let branding = try await visit.call.read(Branding.find)
            let tag = "\"\(branding.tag)\""
            let headers: HTTPFields = [
                .contentType: "text/css; charset=utf-8", .cacheControl: "public, max-age=300", .eTag: tag,
            ]
            if visit.call.request.headers[.ifNoneMatch] == tag {
                return Response(status: .notModified, headers: headers)
            }
            return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(string: branding.css)))
        },
        .get("/logo/{name}", .open) { visit in
            let name = try visit.call.word("name")
            guard let logo = try await visit.call.read(Branding.logo(named: name)),
                let type = Branding.mediaType(of: logo)
            else { throw CaseworkError.notFound }
            return Response(
                status: .ok,
                headers: [
                    .contentType: type, .xContentTypeOptions: "nosniff",
                    .cacheControl: "public, max-age=31536000, immutable",
                ], body: .init(byteBuffer: ByteBuffer(bytes: logo)))
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

extension Branding {
    /// What is set over the values of the same names in `waymark.css`; nothing where nothing is chosen.
    fileprivate var css: String {
        var css = ""
        if let color {
            css += """
                :root { --brand: \(color.text); --on-brand: #ffffff; --brand-soft: \(color.soft.text); }
                @media screen and (prefers-color-scheme: dark) {
                  :root { --brand: \(color.onDark.text); --on-brand: #0d1a2b; --brand-soft: \(color.darkSoft.text); }
                }

                """
        }
        if let logo {
            let picture = "display: block; border-radius: 0; background: url(\"\(logo)\") center / contain no-repeat;"
            css += ".brand::before, .top .brand::before { \(picture) }\n"
        }
        return css
    }

    fileprivate var tag: String { "\(color?.text.dropFirst() ?? "")-\(logo?.split(separator: "/").last ?? "")" }
}
