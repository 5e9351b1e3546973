/// Runs `body` to its end, also where the caller's task is cancelled before or meanwhile, and waits for it: for what puts
/// right a change that failed by just that.
/// - Throws: what `body` throws.
public func withoutCancellation<Value: Sendable>(
    _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await Task(operation: body).value
}
