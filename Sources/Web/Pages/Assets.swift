import Casework
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// Stylesheet, scripts and icon, held in memory and served under names that change with their content.
struct Assets: Sendable {
    private struct Asset: Sendable {
        let bytes: ByteBuffer
        let type: String
    }

    private var assets: [String: Asset] = [:]
    /// What templates write as `{{assets.css}}`: `css`, `js` of every page, `arrange` and `upload` of those that ask for it, `icon`.
    let links: [String: String]

    init(directory: URL) throws {
        var links: [String: String] = [:]
        var assets: [String: Asset] = [:]
        for (file, key, type) in [
            ("waymark.css", "css", "text/css; charset=utf-8"), ("waymark.js", "js", "text/javascript; charset=utf-8"),
            ("arrange.js", "arrange", "text/javascript; charset=utf-8"),
            ("upload.js", "upload", "text/javascript; charset=utf-8"),
            ("icon.svg", "icon", "image/svg+xml"),
        ] {
            let data = try Data(contentsOf: directory.appendingPathComponent(file))
            let digest = Digest.sha256(Array(data)).prefix(6).map { String(Int($0) + 0x100, radix: 16).dropFirst() }
                .joined()
            let name = file.replacing(".", with: ".\(digest).")
            links[key] = "/assets/\(name)"
            assets[name] = Asset(bytes: ByteBuffer(bytes: data), type: type)
        }
        self.links = links
        self.assets = assets
    }

    /// The asset of a name, for as long as anyone wants to keep it.
    func answer(_ name: String) throws -> Response {
        guard let asset = assets[name] else { throw Problem.notFound }
        return Response(
            status: .ok,
            headers: [.contentType: asset.type, .cacheControl: "public, max-age=31536000, immutable"],
            body: .init(byteBuffer: asset.bytes))
    }
}
