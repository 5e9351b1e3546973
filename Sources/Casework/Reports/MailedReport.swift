import Dates
import Foundation
import Postgres
import Tenancy

/// A report that goes out by mail each week.
public struct MailedReport: Sendable, RowDecodable, JSONEncodable, Versioned {
    /// Its number.
    public let id: Int
    /// The report's name.
    public let report: String
    /// What it is about.
    public let filter: ReportFilter
    /// The day of the week in the institution's zone: 1 is Monday, 7 Sunday.
    public let weekday: Int
    /// The hour of that day, 0 to 23.
    public let hour: Int
    /// Accounts of admins. Who is none any more gets nothing.
    public let recipients: [Int]
    /// What these are called; nil where there is no such account any more.
    public let names: [String?]
    /// When it goes out next.
    public let nextAt: Date
    /// The version of the row.
    public let version: Version

    /// Reads the columns of `MailedReportRepository`.
    public init(row: Row) throws {
        id = try row.get("id")
        report = try row.get("report")
        filter = try ReportFilter(row: row)
        weekday = try row.get("weekday")
        hour = try row.get("hour")
        recipients = try row.get("recipients")
        names = try row.get("names")
        nextAt = try row.get("next_at")
        version = Version(try row.get("version"))
    }

    /// Writes the API's object.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("id", id)
            $0.field("report", report)
            $0.field("categoryId", filter.categoryID)
            $0.field("cohortId", filter.cohortID)
            $0.field("groupId", filter.groupID)
            $0.field("from", filter.from?.description)
            $0.field("to", filter.to?.description)
            $0.field("weekday", weekday)
            $0.field("hour", hour)
            $0.field("recipients", recipients)
            $0.field("nextAt", nextAt)
        }
    }
}

extension ReportFilter: RowDecodable {
    /// Reads the columns of `mailed_reports`.
    public init(row: Row) throws {
        self.init()
        categoryID = try row.get("category_id")
        cohortID = try row.get("cohort_id")
        groupID = try row.get("group_id")
        from = try row.get("from_on")
        to = try row.get("to_on")
    }

    /// What is narrowed, by the names of addresses and forms.
    public var fields: [(name: String, value: String)] {
        let parts: [(String, String?)] = [
            ("categoryId", categoryID.map(String.init)), ("cohortId", cohortID.map(String.init)),
            ("groupId", groupID.map(String.init)), ("from", from?.description), ("to", to?.description),
        ]
        return parts.compactMap { name, value in value.map { (name, $0) } }
    }

    /// What an address says of it, with the question mark: `?cohortId=3`; empty for everything.
    public var query: String {
        fields.isEmpty ? "" : "?" + fields.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
    }
}

/// A report that is to go out by mail each week.
public struct MailedReportDraft: Sendable {
    let report: String
    let filter: ReportFilter
    let weekday: Int
    let hour: Int
    let recipients: [Int]

    /// How many a report goes to at most.
    public static let most = 50

    /// Reads `report`, the fields of `ReportFilter`, `weekday`, `hour` and `recipients`.
    public init(_ fields: inout Fields) {
        report = fields.required("report", .report)
        filter = ReportFilter(&fields)
        weekday = fields.required("weekday", .int(1...7))
        hour = fields.required("hour", .int(0...23))
        recipients = fields.required("recipients", .recipients)
    }
}

/// What changes about it: what it is about stays.
public struct MailedReportPatch: Sendable {
    let weekday, hour: Int?
    let recipients: [Int]?

    /// All that a form says, which leaves out nothing.
    public init(_ draft: MailedReportDraft) {
        weekday = draft.weekday
        hour = draft.hour
        recipients = draft.recipients
    }

    /// Reads `weekday`, `hour` and `recipients`.
    public init(_ fields: inout Fields) {
        weekday = fields.patch("weekday", .int(1...7))
        hour = fields.patch("hour", .int(0...23))
        recipients = fields.patch("recipients", .recipients)
    }
}

extension Report {
    /// All of them, as they were when the program was built; empty where its files are missing, which `doctor` tells.
    public static let bundled = (try? Report.all()) ?? []
}

extension FieldRule where Value == String {
    /// The name of a report.
    fileprivate static var report: FieldRule {
        FieldRule(placeholder: "") { (text) throws(Refusal) in
            guard Report.bundled.contains(where: { $0.name == text.trimmed }) else { throw Refusal(.notAReport) }
            return text.trimmed
        }
    }
}

extension FieldRule where Value == [Int] {
    /// Accounts, at least one.
    fileprivate static var recipients: FieldRule {
        .list(of: 1...Int(Int32.max), atMost: MailedReportDraft.most, none: .nobodyChosen)
    }
}
