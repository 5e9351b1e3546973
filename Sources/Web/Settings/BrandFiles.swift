import Casework
import HTTPTypes
import Hummingbird
import NIOCore
import Tenancy

/// What pages ask for besides themselves: the institution's color and logo, before sign-in too.
enum BrandFiles {
    static let routes: [PageRoute] = [
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
