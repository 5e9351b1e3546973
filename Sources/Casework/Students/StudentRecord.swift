import Postgres

/// All that staff may know of one student.
public struct StudentRecord: Sendable {
    /// The student's account.
    public struct Account: Sendable, Versioned {
        /// Its identifier.
        public let id: Int
        /// The address.
        public let email: String
        /// The given name.
        public let givenName: String
        /// The family name, which may be empty.
        public let familyName: String
        /// What the student wants to be called instead of the given name, if anything.
        public let preferredName: String?
        /// What the student is called, as people write it.
        public let name: String
        /// `active`, `suspended` or `archived`.
        public let status: String
        /// The institution's own number.
        public let studentNumber: String?
        /// Counts the changes of the account.
        public let version: Version
    }

    /// A group by which the caller sees a cohort of the student.
    public struct Reason: Sendable, Hashable {
        /// The cohort.
        public let cohortID: Int
        /// The group.
        public let groupID: Int
    }

    /// Who it is.
    public let account: Account
    /// The cohorts in the caller's scope, by name.
    public let cohorts: [Dashboard.Cohort]
    /// Their saved milestones by due date, those without one last, then id.
    public let milestones: [ProgressEntry]
    /// What the student did on milestones of those cohorts that are retired now, the last step first.
    public let retired: [ProgressEntry]
    /// Who supports the student in those cohorts.
    public let network: SupportNetwork
    /// Why the caller sees the student; empty for admins, who see everybody.
    public let why: [Reason]
    /// By cohort, the account of the student's personal contact there.
    public let contacts: [Int: Int]
}

extension StudentRecord.Account: RowDecodable, JSONEncodable {
    /// Reads the columns of `students`.
    public init(row: Row) throws {
        id = try row.get("id")
        email = try row.get("email")
        givenName = try row.get("given_name")
        familyName = try row.get("family_name")
        preferredName = try row.get("preferred_name")
        name = try row.get("name")
        status = try row.get("status")
        studentNumber = try row.get("student_number")
        version = Version(try row.get("version"))
    }

    /// Writes the account as `/accounts` does.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("id", id)
            $0.field("email", email)
            $0.field("givenName", givenName)
            $0.field("familyName", familyName)
            $0.field("preferredName", preferredName)
            $0.field("role", "student")
            $0.field("status", status)
            $0.field("studentNumber", studentNumber)
        }
    }
}

extension StudentRecord.Reason: RowDecodable, JSONEncodable {
    /// Reads both ids.
    public init(row: Row) throws {
        cohortID = try row.get("cohort_id")
        groupID = try row.get("group_id")
    }

    /// Writes both ids.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("cohortId", cohortID)
            $0.field("groupId", groupID)
        }
    }
}

extension StudentRecord: JSONEncodable {
    /// Writes the answer of `GET /students/{id}`.
    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("account", account)
            json.field("cohorts", cohorts)
            let lists: [(StaticString, [ProgressEntry])] = [
                ("milestones", milestones), ("archivedMilestones", retired),
            ]
            for (name, items) in lists {
                json.array(name, items) { json, item in
                    json.object {
                        $0.field("id", item.milestoneID)
                        $0.field("cohortId", item.cohortID)
                        $0.field("title", item.title)
                        $0.field("dueOn", item.dueOn)
                        $0.field("status", item.status)
                        $0.field("overdue", item.isOverdue)
                        $0.field("completion", item.completion)
                        $0.field("comment", item.comment)
                        $0.field("updatedAt", item.updatedAt)
                        $0.field("version", item.version.number)
                    }
                }
            }
            json.field("network", network)
            json.field("why", why)
            json.array("contacts", contacts.sorted { $0.key < $1.key }) { json, contact in
                json.object {
                    $0.field("cohortId", contact.key)
                    $0.field("accountId", contact.value)
                }
            }
        }
    }
}
