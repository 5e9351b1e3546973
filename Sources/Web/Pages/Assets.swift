import Casework
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Tenancy

/// A file of the pages' own.
enum Asset: String, CaseIterable {
    case stylesheet = "waymark.css"
    /// What every page runs.
    case script = "waymark.js"
    /// Moves rows of a list.
    case arrange = "arrange.js"
    /// Shows how far a file has been sent.
    case upload = "upload.js"
    /// Says what is odd about a milestone's dates.
    case milestone = "milestone.js"
    /// Answers requests in place and by keys.
    case queue = "queue.js"
    case icon = "icon.svg"
    /// The pictures of the menu, each a symbol of its entry's name.
    case icons = "icons.svg"

    fileprivate var type: String {
        switch self {
        case .stylesheet: "text/css; charset=utf-8"
        case .script, .arrange, .upload, .milestone, .queue: "text/javascript; charset=utf-8"
        case .icon, .icons: "image/svg+xml"
        }
    }
}

/// Stylesheet, scripts and icon, held in memory and served under names that change with their content.
struct Assets: Sendable {
    private struct File: Sendable {
        let bytes: ByteBuffer
        let type: String
    }

    private var files: [String: File] = [:]
    private var addresses: [Asset: String] = [:]

    /// Reads them.
    /// - Throws: where one is missing.
    init(directory: URL) throws {
        for asset in Asset.allCases {
            let data = try Data(contentsOf: directory.appendingPathComponent(asset.rawValue))
            let digest = Digest.sha256(Array(data)).prefix(6).map { String(Int($0) + 0x100, radix: 16).dropFirst() }
                .joined()
            let name = asset.rawValue.replacing(".", with: ".\(digest).")
            files[name] = File(bytes: ByteBuffer(bytes: data), type: asset.type)
            addresses[asset] = "/assets/\(name)"
        }
    }

    /// Where one is served.
    subscript(asset: Asset) -> String { addresses[asset] ?? "/assets/\(asset.rawValue)" }

    /// The asset of a name, for as long as anyone wants to keep it.
    func answer(_ name: String) throws -> Response {
        guard let file = files[name] else { throw Problem.notFound }
        return Response(
            status: .ok,
            headers: [.contentType: file.type, .cacheControl: "public, max-age=31536000, immutable"],
            body: .init(byteBuffer: file.bytes))
    }
}
