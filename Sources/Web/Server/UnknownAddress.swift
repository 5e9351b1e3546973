import Hummingbird

/// What no route takes: a problem below `/api`, SCIM's own below `/scim/v2`, a page for people anywhere else.
struct UnknownAddress: RouterMiddleware {
    let pages: PageDispatch

    func handle(
        _ request: Request, context: SiteContext, next: (Request, SiteContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError where error.status == .notFound {
            guard !request.uri.path.hasPrefix("/api") else { throw Problem.notFound }
            guard !request.uri.path.hasPrefix("/scim/v2") else { return Problem.notFound.scimResponse }
            return try await pages.missing(request, context)
        }
    }
}
