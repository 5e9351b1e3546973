/// A PostgreSQL version as libpq numbers it: 150020 is 15.20.
struct ServerVersion: Equatable, CustomStringConvertible {
    let number: Int

    init(_ number: Int) {
        self.number = number
    }

    var description: String { "\(number / 10_000).\(number % 10_000)" }

    /// The first minor version of each major one that has the row-security fixes Waymark relies on.
    private static let floor = [15: 20, 16: 16, 17: 12, 18: 7]

    /// What is wrong with this version and what to do; nil where nothing is.
    var outdated: String? {
        let major = number / 10_000
        guard let minor = Self.floor[major] else {
            return major > 18 ? nil : "PostgreSQL \(self) is not supported; use 15.20, 16.16, 17.12, 18.7 or newer"
        }
        guard number % 10_000 < minor else { return nil }
        return "PostgreSQL \(self) lacks fixes in row security; update to \(major).\(minor) or newer"
    }
}
