import Casework
import HTTPTypes
import Hummingbird
import Tenancy

/// One page or form of the browser's side: the twin of the API's `Route`.
struct PageRoute: Sendable {
    let method: HTTPRequest.Method
    let path: String
    let access: Route.Access
    /// Whether its form may come from elsewhere, without a browser even: what it does follows from its address alone.
    var isFromAnywhere = false
    /// Bytes its form may have.
    var limit = FormLimit.texts
    let handle: @Sendable (Visit) async throws -> Response

    /// A page to look at.
    static func get(
        _ path: String, _ access: Route.Access, _ handle: @escaping @Sendable (Visit) async throws -> Response
    ) -> PageRoute {
        PageRoute(method: .get, path: path, access: access, handle: handle)
    }

    /// A form to send.
    /// - Parameter files: whether it takes files; no form does before sign-in.
    static func post(
        _ path: String, _ access: Route.Access, files: Bool = false,
        _ handle: @escaping @Sendable (Visit) async throws -> Response
    ) -> PageRoute {
        let limit: FormLimit = access == .open ? .beforeSignIn : files ? .files : .texts
        return PageRoute(method: .post, path: path, access: access, limit: limit, handle: handle)
    }

    /// A form that mail programs send too (RFC 8058).
    static func postFromAnywhere(
        _ path: String, _ handle: @escaping @Sendable (Visit) async throws -> Response
    ) -> PageRoute {
        PageRoute(
            method: .post, path: path, access: .open, isFromAnywhere: true, limit: .beforeSignIn, handle: handle)
    }

    /// The route a `Call` needs to know its audience.
    var route: Route {
        Route(method, path, access, path, handle: { _ in throw CaseworkError.notFound })
    }
}
