/// A kind of cohort, such as "First-Year Students".
public struct Category: Sendable, NamedObject {
    /// Its identifier.
    public let id: Int
    /// Unique in the institution without regard to case.
    public let name: String
    /// The version of its row.
    public let version: Version

    /// The category of these values.
    public init(id: Int, name: String, version: Version) {
        self.id = id
        self.name = name
        self.version = version
    }
}

/// What a new category needs.
public typealias CategoryDraft = NameDraft
/// What changes about a category.
public typealias CategoryPatch = NamePatch
