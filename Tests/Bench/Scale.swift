import Casework
import Foundation
import Postgres
import PrivatePostgres
import Tenancy

/// `make bench-scale`: the same deployment with 10, 100, 1,000 and 5,000 institutions, as far as the disk allows
/// (`--sizes 10,100` for others). Each has a student with a cohort of three milestones, who looks at the dashboard.
extension Bench {
    /// What was measured with so many institutions.
    private struct Size {
        let count: Int
        /// Institutions made in a second, four at a time.
        var created = Double.nan
        /// Seconds of `migrate` with nothing to do, and with all definitions to be made anew.
        var idle = Double.nan, anew = Double.nan
        /// The dashboard's first visit to each institution, four at a time, without HTTP.
        var first = Load(perSecond: .nan, median: .nan, late: .nan)
        /// The dashboard, each institution as often as the others, and by Zipf.
        var evenly = Load(perSecond: .nan, median: .nan, late: .nan),
            zipf = Load(perSecond: .nan, median: .nan, late: .nan)
        /// MB: of this process, which is the server too, and of the service's backends without what they share.
        var process = Double.nan, backends = Double.nan
        /// MB of disk for each institution.
        var disk = Double.nan

        var row: String {
            func number(_ value: Double, _ format: String) -> String { String(format: format, value) }
            func times(_ load: Load) -> String { String(format: "%.1f / %.1f ms", load.median, load.late) }
            return
                "| \(count) | \(number(created, "%.1f/s")) | \(number(idle, "%.2f s")) | \(number(anew, "%.1f s")) | "
                + "\(times(first)) | \(times(evenly)) | \(times(zipf)) | \(number(process, "%.0f MB")) | \(number(backends, "%.0f MB")) | "
                + "\(number(disk, "%.2f MB")) |"
        }
    }

    /// - Parameter time: seconds of load for each figure.
    static func scale(server: PrivateServer, directory: URL, time: Int) async throws {
        let sizes = try wantedSizes()
        let partitions = Array(1...max(1, ((sizes.last ?? 1) + 999) / 1_000))
        let (superuser, service, migrator) = try await Stage.database(server: server, partitions: partitions)
        var configuration = Deployment.Configuration(pool: .init(conninfo: service))
        configuration.partitions = partitions
        let deployment = Deployment(configuration)
        let operating = try await Connection.connect(conninfo: superuser)
        var students: [Student] = []
        write(
            "\n| institutions | created | nothing to migrate | definitions anew | first visit, p50 / p99 | dashboard evenly | by Zipf | server | backends | disk each |"
        )
        write("|---|---|---|---|---|---|---|---|---|---|")
        var measured: [Size] = []
        for count in sizes {
            let made = count - students.count
            guard try roomFor(made, in: directory) else {
                say("no room for \(count) institutions, of 5.5 MB each")
                break
            }
            var size = Size(count: count)
            let grown = try await grow(students.count..<count, migrator)
            size.created = Double(made) / grown.seconds
            students += grown.students
            size.idle = try await seconds { _ = try await migrator.migrate() }
            try await operating.execute(
                script: "update waymark.institution_changes set checksum = 'old' where version = 'definitions'")
            size.anew = try await seconds { _ = try await migrator.migrate() }
            let bytes = try await operating(SQL("select pg_database_size(current_database())").value(Int.self))
            size.disk = Double(bytes) / 1_048_576 / Double(count)
            size.first = try await visit(students, deployment)
            _ = try await visit(students, deployment)
            (size.evenly, size.zipf) = try await serving(deployment, in: directory) { [students] port in
                try await look(students, address: "https://127.0.0.1:\(port)", time: time, directory)
            }
            size.process = memory(of: ProcessInfo.processInfo.processIdentifier, ["Rss:"])
            let backends = try await operating(
                SQL("select pid from pg_stat_activity where usename like 'waymark_app_%'").values(Int32.self))
            size.backends = backends.map { memory(of: $0, ["Private_Clean:", "Private_Dirty:"]) }.reduce(0, +)
            write(size.row)
            measured.append(size)
        }
        if let first = measured.first, let last = measured.last, last.count > first.count {
            write("\n| what | ours | baseline | ratio | aim |\n|---|---|---|---|---|")
            for line in lines(first, last) { write(line.row) }
        }
        await operating.close()
        await deployment.close()
        await migrator.close()
    }

    private static func lines(_ first: Size, _ last: Size) -> [Line] {
        func line(_ what: String, _ ours: Double, _ baseline: Double, _ unit: String, _ aim: String) -> Line {
            Line(
                what: "(s) \(what)", ours: String(format: "%.2f \(unit)", ours),
                baseline: String(format: "%.2f \(unit)", baseline), ratio: ours / baseline, aim: aim)
        }
        return [
            line(
                "median with \(last.count) institutions, evenly ÷ with \(first.count)", last.evenly.median,
                first.evenly.median, "ms", "≤ 1.3"),
            line("the same by Zipf", last.zipf.median, first.zipf.median, "ms", "≤ 1.3"),
            line("migrate \(last.count) with nothing to do", last.idle, 5, "s", "≤ 1"),
            line("institutions made in a second", last.created, 10, "", "≥ 1"),
            line("backends' memory with \(last.count) ÷ with \(first.count)", last.backends, first.backends, "MB", ""),
        ]
    }

    /// Somebody at an institution, signed in.
    private struct Student {
        let place: Institution
        let token: SessionToken
    }

    /// Asks for each dashboard once, four at a time, without HTTP.
    private static func visit(_ students: [Student], _ deployment: Deployment) async throws -> Load {
        let kept = KeptContent()
        var times: [Double] = []
        let whole = try await seconds {
            times = try await fourAtATime(students) { student in
                let work = try deployment.work(
                    in: student.place, tokenHash: student.token.hash, audience: .student, writing: false)
                return try await seconds { _ = try await DashboardRepository.read(in: work, kept: kept) } * 1_000
            }.sorted()
        }
        func percentile(_ part: Int) -> Double { times.isEmpty ? .nan : times[(times.count * part + 99) / 100 - 1] }
        return Load(perSecond: Double(times.count) / whole, median: percentile(50), late: percentile(99))
    }

    /// The dashboard of all in turn, and of some more often than of others; each is asked for a while before it counts.
    private static func look(
        _ students: [Student], address: String, time: Int, _ directory: URL
    ) async throws -> (evenly: Load, zipf: Load) {
        func load(_ students: [Student]) async throws -> Load {
            let script = requests(
                tokens: students.map { ($0.place.slug, $0.token.text) }, path: "/api/v1/dashboard")
            _ = try await wrk(address, seconds: time, script: script, connections: 4, directory: directory)
            return try await wrk(address, seconds: time, script: script, connections: 4, directory: directory)
        }
        return (try await load(students), try await load(drawn(students, 10_000)))
    }

    /// So many, the one of rank n as often as 1/n says.
    private static func drawn<T>(_ all: [T], _ count: Int) -> [T] {
        var sums: [Double] = []
        for rank in 1...max(all.count, 1) { sums.append((sums.last ?? 0) + 1 / Double(rank)) }
        return (0..<count).compactMap { _ in
            let point = Double.random(in: 0..<(sums.last ?? 1))
            return sums.firstIndex { $0 > point }.map { all[$0] }
        }
    }

    /// Makes institutions, four at a time, and fills them.
    private static func grow(
        _ numbers: Range<Int>, _ migrator: Migrator
    ) async throws -> (seconds: Double, students: [Student]) {
        var made: [Institution] = []
        let time = try await seconds {
            made = try await fourAtATime(numbers) { number in
                try await migrator.create(slug: "college\(number)", name: "College \(number)")
            }
        }
        let students = try await fourAtATime(made) { place in
            Student(place: place, token: try await settle(place, migrator))
        }
        return (time, students)
    }

    private static func fourAtATime<Input: Sendable, Output: Sendable>(
        _ inputs: some Sequence<Input>, _ work: @escaping @Sendable (Input) async throws -> Output
    ) async throws -> [Output] {
        var waiting = inputs.makeIterator()
        return try await withThrowingTaskGroup(of: Output.self) { group in
            for _ in 0..<4 { if let next = waiting.next() { group.addTask { try await work(next) } } }
            var outputs: [Output] = []
            while let output = try await group.next() {
                outputs.append(output)
                if let next = waiting.next() { group.addTask { try await work(next) } }
            }
            return outputs
        }
    }

    /// A student in a cohort, signed in.
    private static func settle(_ place: Institution, _ migrator: Migrator) async throws -> SessionToken {
        let token = SessionToken(kind: .session, institution: place.id, secret: try Secret.random())
        let session: SQL = """
            insert into sessions (token_hash, account_id, expires_at)
            select \(token.hash), id, now() + interval '1 day' from accounts
            """
        _ = try await migrator.work(in: place)(
            SQL("insert into accounts (email, given_name, family_name, role) values ('s@x.edu', 'A', 'B', 'student')")
                .done(),
            SQL("insert into cohort_categories (name) values ('First-Year')").done(),
            SQL("insert into cohorts (category_id, name) select id, 'Fall' from cohort_categories").done(),
            SQL(
                """
                insert into milestones (cohort_id, title, due_on, saved)
                select id, 'Milestone ' || n, current_date + n, true from cohorts cross join generate_series(1, 3) n
                """
            ).done(),
            SQL("insert into enrollments (cohort_id, student_id) select c.id, a.id from cohorts c, accounts a").done(),
            SQL("update settings set student_visibility = true").done(), session.done())
        return token
    }

    private static func wantedSizes() throws -> [Int] {
        let arguments = CommandLine.arguments
        guard let place = arguments.firstIndex(of: "--sizes"), place + 1 < arguments.count else {
            return [10, 100, 1_000, 5_000]
        }
        let sizes = arguments[place + 1].split(separator: ",").compactMap { Int($0) }.filter {
            (1...10_000).contains($0)
        }
        guard !sizes.isEmpty else { throw ToolFailure(description: "--sizes takes numbers of institutions: 10,100") }
        return sizes.sorted()
    }

    /// Whether the disk holds so many more, and 10 GB for others.
    private static func roomFor(_ count: Int, in directory: URL) throws -> Bool {
        let free = try directory.resourceValues(forKeys: [.volumeAvailableCapacityKey]).volumeAvailableCapacity ?? 0
        return free > count * 5_500_000 + 10_000_000_000
    }

    /// MB of a process by the fields of `/proc/<id>/smaps_rollup`.
    private static func memory(of process: Int32, _ fields: [String]) -> Double {
        let text = (try? String(contentsOfFile: "/proc/\(process)/smaps_rollup", encoding: .utf8)) ?? ""
        let kilobytes = text.split(separator: "\n").compactMap { line -> Double? in
            let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
            guard words.count == 3, fields.contains(words[0]) else { return nil }
            return Double(words[1])
        }
        return kilobytes.reduce(0, +) / 1_024
    }
}
