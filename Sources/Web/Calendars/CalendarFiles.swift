import Casework
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Tenancy

/// The calendar that a secret address stands for. Whoever has the address may read it, without signing in.
enum CalendarFiles {
    static let routes: [PageRoute] = [
        .get("/calendar/{name}", .open) { visit in
            guard let secret = secret(of: try visit.call.word("name")) else { throw CaseworkError.notFound }
            let calendar: CalendarRepository.Calendar
            do {
                let work = try visit.call.site.deployment.work(
                    in: visit.call.institution, tokenHash: secret.hash, audience: .calendar, writing: false)
                calendar = try await CalendarRepository(work: work).read()
            } catch is EntryRefusal {
                // unknown, revoked, suspended, or nothing to be seen yet: it tells no more than an address that never was
                throw CaseworkError.notFound
            }
            let file = try visit.file(of: calendar)
            return visit.answer(file)
        }
    ]

    /// `<secret>.ics`.
    private static func secret(of name: String) -> Secret? {
        guard name.hasSuffix(".ics") else { return nil }
        return Secret(name.dropLast(4))
    }
}

extension Visit {
    fileprivate func file(of calendar: CalendarRepository.Calendar) throws -> ICalendar {
        let words = kit.catalogues[calendar.language] ?? words
        return CalendarFile(
            calendar: calendar, origin: "https://\(call.authority)",
            realm: "\(call.institution.id).\(call.site.domain)", words: words
        ).file
    }

    /// The file, or that it is still the one that the client has. The tag is weak: it does not speak of when a file was made.
    fileprivate func answer(_ file: ICalendar) -> Response {
        let content = Digest.sha256(file.bytes(stamp: Date(timeIntervalSince1970: 0)))
        let tag = "W/\"\(content.prefix(16).map { String(Int($0) + 0x100, radix: 16).dropFirst() }.joined())\""
        var headers: HTTPFields = [.eTag: tag, .cacheControl: "private, max-age=900"]
        let seen = (call.request.headers[.ifNoneMatch] ?? "").split(separator: ",").map { $0.trimmingPrefix(" ") }
        guard !seen.contains(tag[...]), !seen.contains("*") else {
            return Response(status: .notModified, headers: headers)
        }
        headers[.contentType] = "text/calendar; charset=utf-8"
        headers[.contentDisposition] = "attachment; filename=\"waymark.ics\""
        return Response(
            status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: file.bytes(stamp: call.now))))
    }
}
