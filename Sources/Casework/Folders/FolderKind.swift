/// Whom a file of the folder is about, by its name.
public enum FolderKind: Sendable, Hashable {
    /// A package of OneRoster: `*.zip`.
    case package
    /// Students: `students*.csv`.
    case students
    /// People who are not students: `staff*.csv`.
    case staff
    /// Students who join that cohort: `cohort-<number>*.csv`.
    case members(cohort: Int)

    /// Nil for a name that says nothing of this.
    public init?(_ name: String) {
        let name = name.lowercased()
        if name.hasSuffix(".zip") {
            self = .package
        } else if !name.hasSuffix(".csv") {
            return nil
        } else if name.hasPrefix("students") {
            self = .students
        } else if name.hasPrefix("staff") {
            self = .staff
        } else if name.hasPrefix("cohort-") {
            let digits = name.dropFirst("cohort-".count).utf8.prefix { (0x30...0x39).contains($0) }
            guard let number = Int32(String(decoding: digits, as: UTF8.self)), number > 0 else { return nil }
            self = .members(cohort: Int(number))
        } else {
            return nil
        }
    }

    /// Of files that come together the first are those that later ones may be about.
    public var turn: Int {
        switch self {
        case .package: 0
        case .students: 1
        case .staff: 2
        case .members: 3
        }
    }
}
