import Hummingbird

/// What no route takes: a problem below `/api`, a page for people anywhere else.
struct UnknownAddress: RouterMiddleware {
    let pages: PageDispatch

    func handle(
        _ request: Request, context: SiteContext, next: (Request, SiteContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError where error.status == .notFound {
            guard !request.uri.path.hasPrefix("/api") else { throw Problem.notFound }
            return try await pages.missing(request, context)
        }
    }
}
