import Postgres

/// A piece of finished JSON, for the layers above, which do not know the driver.
public typealias RawJSON = JSONText

extension JSONText {
    /// The JSON itself.
    public var jsonText: String { text }
}
