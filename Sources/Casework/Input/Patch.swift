/// What a change says about an optional field: nothing, "clear it", or a new value.
public enum Patch<Value> {
    /// The field was not sent: it stays as it is.
    case absent
    /// The field was sent as null, or blank in a form: it is cleared.
    case null
    /// The new value.
    case value(Value)

    /// Whether the change touches the field; with `value`, what an `update` needs:
    /// `goal = case when \(goal.isPresent) then \(goal.value) else goal end`.
    public var isPresent: Bool {
        if case .absent = self { return false }
        return true
    }

    /// The new value, nil both for "clear it" and for "leave it".
    public var value: Value? {
        if case .value(let value) = self { return value }
        return nil
    }

    /// The field after the change.
    public func applied(to current: Value?) -> Value? { isPresent ? value : current }
}

extension Patch: Sendable where Value: Sendable {}
extension Patch: Equatable where Value: Equatable {}
