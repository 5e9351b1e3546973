import Hummingbird
import NIOCore

/// The context of a request below the front: what the router needs, and what the front found out.
package struct SiteContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// The client's address, for throttling.
    var peer: String
    /// Whether the request is a stream of an HTTP/2 connection.
    let isStream: Bool
    let record = RequestRecord()

    /// Ties the answer to its log line.
    var requestID: String { record.id }

    /// The template of the path, which names no one; `-` where no route matched.
    var route: String {
        guard let path = endpointPath, path.hasPrefix("/") else { return "-" }
        return path
    }

    package init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        peer = source.channel.remoteAddress?.ipAddress ?? "unknown"
        // a stream's parent is its connection, whose parent is the listening socket
        isStream = source.channel.parent?.parent != nil
    }
}
