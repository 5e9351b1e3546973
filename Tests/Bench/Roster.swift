import Foundation
import Tenancy
import Web

extension Bench {
    /// (o) A OneRoster bulk of students through the API, against COPY of the same lines into a bare table; sent again unchanged;
    /// and how much memory the server's process takes more while it works than before.
    static func roster(_ stage: Stage, address: String, students: Int) async throws -> [Line] {
        let folder = stage.directory.appendingPathComponent("roster")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let columns =
            "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,givenName,familyName,identifier,email"
        var text = columns + "\n"
        for number in 0..<students {
            text +=
                "roster-\(number),,,true,s1,student,r\(number),Given\(number),Family\(number),R\(number),r\(number)@example.edu\n"
        }
        let file = folder.appendingPathComponent("users.csv")
        try text.write(to: file, atomically: true, encoding: .utf8)
        let manifest = "propertyName,value\nmanifest.version,1.0\noneroster.version,1.1\nfile.users,bulk\n"
        try manifest.write(to: folder.appendingPathComponent("manifest.csv"), atomically: true, encoding: .utf8)
        let package = stage.directory.appendingPathComponent("roster.zip")
        try await tool(
            "python3",
            ["-m", "zipfile", "-c", package.path, file.path, folder.appendingPathComponent("manifest.csv").path])
        let token = try await Stage.session(of: "admin", at: stage.institution, migrator: stage.migrator)
        func send() async throws -> Double {
            try await seconds {
                try await upload(
                    package, to: "bench", port: URL(string: address)?.port ?? 0, token: token,
                    directory: stage.directory,
                    path: "oneroster", type: "application/zip")
            }
        }
        // the text above is garbage by now, and no part of what the import takes
        text = ""
        let before = try memory("VmRSS")
        try Data("5".utf8).write(to: URL(fileURLWithPath: "/proc/self/clear_refs"))
        let first = try await send()
        let peak = try memory("VmHWM")
        let again = try await send()
        let names = columns.split(separator: ",").map { "\"\($0)\" text" }.joined(separator: ", ")
        try await tool("psql", ["-qc", "create table bare_roster (\(names))", stage.superuser])
        let copy = try await seconds {
            try await tool(
                "psql", ["-qc", "\\copy bare_roster from '\(file.path)' with (format csv, header)", stage.superuser])
        }
        func line(_ what: String, _ ours: Double, _ aim: String) -> Line {
            Line(
                what: "(o) COPY into a bare table ÷ OneRoster of \(students) students \(what)",
                ours: String(format: "%.2f s", ours), baseline: String(format: "%.2f s", copy), ratio: copy / ours,
                aim: aim)
        }
        return [
            line("who are new", first, "≥ 0.05"), line("who are there", again, "≥ 0.05"),
            Line(
                what: "(o) peak memory of the import ÷ size of its table", ours: "\((peak - before) >> 10) MiB more",
                baseline: "\(try size(of: file) >> 20) MiB",
                ratio: Double((peak - before) << 10) / Double(max(try size(of: file), 1)), aim: "≤ 10"),
        ]
    }

    /// A line of the process's status, in KiB.
    private static func memory(_ name: String) throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix(name + ":") }
        guard let number = line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Int($0) }) else {
            throw ToolFailure(description: "/proc/self/status says no \(name)")
        }
        return number
    }

    private static func size(of file: URL) throws -> Int {
        try file.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
    }
}
