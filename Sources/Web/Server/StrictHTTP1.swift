import NIOCore
import NIOHTTP1

/// Refuses what the HTTP/1 parser lets through although two readers may understand it differently, and says in
/// `Connection: close` what the framework looks for there and nowhere else.
///
/// Sits between the parser and the translation to HTTP types, which drops version and absolute target. What it refuses
/// is answered like the parser's own errors: 400, and the connection closes.
final class StrictHTTP1: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart

    private var refused = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !refused else { return }
        guard case .head(var head) = unwrapInboundIn(data) else { return context.fireChannelRead(data) }
        if let error = Self.objection(to: head) {
            refused = true
            return context.fireErrorCaught(error)
        }
        guard Self.closesAfterwards(head) else { return context.fireChannelRead(data) }
        head.headers.replaceOrAdd(name: "Connection", value: "close")
        context.fireChannelRead(wrapInboundOut(.head(head)))
    }

    private static func objection(to head: HTTPRequestHead) -> HTTPParserError? {
        guard head.version == .http1_1 || head.version == .http1_0 else { return .invalidVersion }
        let encodings = head.headers["Transfer-Encoding"]
        if !encodings.isEmpty, head.version == .http1_0 || encodings.count > 1 || encodings[0].lowercased() != "chunked"
        {
            return .invalidHeaderToken
        }
        if head.method == .CONNECT { return .invalidMethod }
        if head.uri.utf8.first == UInt8(ascii: "/") || head.uri == "*" { return nil }
        return host(ofAbsolute: head.uri) == head.headers.first(name: "Host")?.lowercased() ? nil : .invalidURL
    }

    /// The authority of `https://authority/...`; nil where the target is anything else.
    private static func host(ofAbsolute target: String) -> String? {
        let lowered = target.lowercased()
        guard lowered.hasPrefix("https://") else { return nil }
        return String(lowered.dropFirst(8).prefix { $0 != "/" && $0 != "?" && $0 != "#" })
    }

    private static func closesAfterwards(_ head: HTTPRequestHead) -> Bool {
        let options = head.headers[canonicalForm: "Connection"]
        if options.isEmpty { return head.version == .http1_0 }
        if options.contains(where: { $0.lowercased() == "close" }) { return true }
        return head.version == .http1_0 && !options.contains { $0.lowercased() == "keep-alive" }
    }
}
