import FoundationEssentials
import Outgoing

/// What a server has told, lying ready to be taken in: no transaction waits for a slow server.
struct RosterDownload {
    /// As a package.
    let package: RosterPackage
    /// Whether all there is was asked for.
    let isWhole: Bool
    /// Whether the server gave less than it said there is, or the same again instead of an end.
    let isShort: Bool
    /// How many records came.
    let records: Int
    /// The newest change, by the server's clock.
    let newestChange: Date?
}

/// Fetches all records of a server, or what has changed, page by page.
///
/// What the server says of totals and next pages is not believed: a list ends with a page that is empty or brings nothing new.
/// A page is asked for behind as many records as have come, because servers give fewer than they are asked for.
struct RosterDownloader {
    private var connection: RosterConnection
    private let limits: RosterLimits
    /// Whether lists are asked for in the order of their sourcedIds, so that none is passed over; not every server can.
    private var sorts = true
    private var isShort = false
    private var records = 0
    private var newestChange: Date?
    private var roles = SpoolWriter()

    init(_ connection: RosterConnection, _ limits: RosterLimits) {
        self.connection = connection
        self.limits = limits
    }

    /// Thrown where a server does not know the filter.
    private struct Unfiltered: Error {}

    /// - Parameter since: nil: all there is. A server that cannot filter gives all there is too.
    /// - Throws: `RosterFault`, `CancellationError`, `CaseworkError` where there is no room for temporary files.
    static func fetch(
        _ connection: RosterConnection, _ limits: RosterLimits, since: Date?
    ) async throws -> RosterDownload {
        do {
            var download = RosterDownloader(connection, limits)
            return try await download.all(since: since)
        } catch is Unfiltered {
            var download = RosterDownloader(connection, limits)
            return try await download.all(since: nil)
        }
    }

    private mutating func all(since: Date?) async throws -> RosterDownload {
        var parts: [RosterPackage.Part] = []
        let mode: RosterPackage.Mode = since == nil ? .bulk : .delta
        try await roles.append(Self.csv([RosterRecord.roleColumns]))
        for resource in RosterResource.order {
            parts.append(try await part(resource.file, mode, try await spool(of: resource, since: since)))
        }
        parts.append(try await part(.roles, mode, roles.finish()))
        return RosterDownload(
            package: RosterPackage(told: parts), isWhole: since == nil, isShort: isShort, records: records,
            newestChange: newestChange)
    }

    private func part(
        _ file: RosterFile, _ mode: RosterPackage.Mode, _ content: Spool
    ) async throws -> RosterPackage.Part {
        let choice = FileFormat.Choice(encoding: .utf8, delimiter: .comma)
        return .init(
            file: file, mode: mode, content: try await ImportFile(content, choice), isWholeWithStatus: mode == .bulk)
    }

    private static func csv(_ rows: [[String]]) -> [UInt8] {
        var csv = CSVWriter(isForSpreadsheets: false)
        for row in rows { csv.row(row) }
        return csv.drain()
    }

    private mutating func spool(of resource: RosterResource, since: Date?) async throws -> Spool {
        var spool = SpoolWriter()
        try await spool.append(Self.csv([resource.columns]))
        var seen: Set<Int> = []
        var (offset, announced) = (0, 0)
        for _ in 0..<limits.pages {
            let answer = try await page(of: resource, offset: offset, since: since)
            if let total = answer.header("x-total-count").flatMap({ Int($0) }) { announced = total }
            // some servers say so of a page behind the last, and of changes where there are none
            if answer.status == 404 { return end(spool, resource, seen.count, of: announced) }
            let page = try Self.records(in: answer, of: resource, most: limits.recordsOfAnswer)
            if page.isEmpty { return end(spool, resource, seen.count, of: announced) }
            offset += page.count
            let new = page.filter { seen.insert(SeenValues.hash($0.sourcedID)).inserted }
            if new.isEmpty {
                isShort = true  // not an end, but the same once more
                return end(spool, resource, seen.count, of: announced)
            }
            guard seen.count <= limits.records else {
                throw RosterFault(.tooLarge, "more than \(limits.records) \(resource.rawValue)")
            }
            records += new.count
            newestChange = ([newestChange] + new.map(\.changedAt)).compactMap(\.self).max()
            try await spool.append(Self.csv(new.map(\.cells)))
            try await roles.append(Self.csv(new.flatMap(\.roles)))
            guard spool.size <= limits.bytes, roles.size <= limits.bytes else {
                throw RosterFault(.tooLarge, "more than \(limits.bytes >> 20) MiB of \(resource.rawValue)")
            }
        }
        throw RosterFault(.tooLarge, "more than \(limits.pages) pages of \(resource.rawValue)")
    }

    private mutating func end(
        _ spool: consuming SpoolWriter, _ resource: RosterResource, _ count: Int, of announced: Int
    ) -> Spool {
        if count < announced { isShort = true }
        return spool.finish()
    }

    private mutating func page(
        of resource: RosterResource, offset: Int, since: Date?
    ) async throws -> OutgoingAnswer {
        while true {
            var fields = [("limit", String(limits.page)), ("offset", String(offset))]
            if sorts { fields += [("sort", "sourcedId"), ("orderBy", "asc")] }
            if let since {
                fields.append(("filter", "dateLastModified>'\(JSONWriter.text(of: since).filter { $0 != "\"" })'"))
            }
            let path = "\(resource.rawValue)?\(FormText.encoded(fields))"
            let answer = try await connection.get(path)
            if (200...299).contains(answer.status) { return answer }
            if answer.status == 404, offset > 0 || since != nil { return answer }
            if [400, 422].contains(answer.status), offset == 0 {
                if sorts {
                    sorts = false
                    continue
                }
                if since != nil { throw Unfiltered() }
            }
            throw RosterFault(.refused, "\(answer.status) at \(resource.rawValue)")
        }
    }

    /// The records of one answer.
    /// - Parameter most: how many they may be: an empty object has three bytes, and its cells two hundred.
    /// - Throws: `RosterFault` where it is not what the standard says.
    static func records(
        in answer: OutgoingAnswer, of resource: RosterResource, most: Int
    ) throws(RosterFault) -> [RosterRecord] {
        let type = answer.header("content-type")?.lowercased() ?? "application/json"
        guard type.prefix(while: { $0 != ";" }).contains("json") else {
            throw RosterFault(.unusable, "\(resource.rawValue): the answer is \(type.prefix(100)), not JSON")
        }
        guard let object = try? JSONObject(parsing: answer.body) else {
            throw RosterFault(.unusable, "\(resource.rawValue): the answer is no JSON object")
        }
        guard case .array(let values)? = object[resource.rawValue] else {
            throw RosterFault(.unusable, "\(resource.rawValue): the answer has no list of that name")
        }
        guard values.count <= most else {
            throw RosterFault(.tooLarge, "more than \(most) \(resource.rawValue) in one answer")
        }
        var records: [RosterRecord] = []
        records.reserveCapacity(values.count)
        for value in values {
            guard case .object(let record) = value else {
                throw RosterFault(.unusable, "\(resource.rawValue): a record is no object")
            }
            records.append(RosterRecord(record, of: resource))
        }
        return records
    }
}
