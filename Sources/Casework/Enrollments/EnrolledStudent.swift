import Postgres

/// A student of a cohort.
public struct EnrolledStudent: Sendable, RowDecodable, JSONEncodable {
    /// The account's identifier.
    public let id: Int
    /// Where mail goes.
    public let email: String
    /// The given name.
    public let givenName: String
    /// The family name; empty for who has none.
    public let familyName: String
    /// What the student wants to be called instead of the given name, if anything.
    public let preferredName: String?
    /// What the student is called, as people write it.
    public let name: String
    /// The institution's own number, if any.
    public let studentNumber: String?

    /// Reads `id`, `email`, `given_name`, `family_name`, `preferred_name`, `name` and `student_number`.
    public init(row: Row) throws {
        id = try row.get("id")
        email = try row.get("email")
        givenName = try row.get("given_name")
        familyName = try row.get("family_name")
        preferredName = try row.get("preferred_name")
        name = try row.get("name")
        studentNumber = try row.get("student_number")
    }

    /// Writes the API's object.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("id", id)
            $0.field("email", email)
            $0.field("givenName", givenName)
            $0.field("familyName", familyName)
            $0.field("preferredName", preferredName)
            $0.field("studentNumber", studentNumber)
        }
    }
}
