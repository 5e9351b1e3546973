import Testing

@Suite struct FolderCircleTests {
    @Test func `the folders of a target only look down`() throws {
        let targets = Dictionary(grouping: try SourceTree.files(in: "Sources", endings: ["swift"]), by: \.target)
        #expect(targets.count > 6)
        for (_, files) in targets {
            for circle in try FolderGraph(files).circles {
                Issue.record("\(circle.joined(separator: "\n"))")
            }
        }
    }

    private static let ladder = [
        "Sources/Inn/Doors/Door.swift": "public struct Door {}",
        "Sources/Inn/Rooms/Room.swift": "// a Guest sleeps here\nstruct Room {\n    let doors: [Door]\n}",
        "Sources/Inn/Guests/Guest.swift": "struct Guest {\n    let name = \"Room\"\n    let room: Room\n}",
        "Sources/Inn/Inn.swift": "let guests: [Guest] = []",
    ]

    private static func circles(_ planted: [String: String]) throws -> [[String]] {
        let files = ladder.merging(planted) { $1 }.map { SourceTree.File(path: $0.key, text: $0.value) }
        return try FolderGraph(files.sorted { $0.path < $1.path }).circles
    }

    @Test func `a ladder has no circle, whatever comments and texts say`() throws {
        #expect(try Self.circles([:]).isEmpty)
    }

    @Test func `a planted circle is named with the lines that make it`() throws {
        let planted = ["Sources/Inn/Rooms/Bed.swift": "struct Bed {\n    var sleeper: Guest?\n}"]
        #expect(
            try Self.circles(planted) == [
                [
                    "Guests → Rooms: Sources/Inn/Guests/Guest.swift:3 uses Room",
                    "Rooms → Guests: Sources/Inn/Rooms/Bed.swift:2 uses Guest",
                ]
            ])
    }

    @Test func `a circle of three, over what a text interpolates, is found`() throws {
        let planted = [
            "Sources/Inn/Doors/Sign.swift": "let sign = \"\"\"\n    for \\(Guest(of: \"(\").name), welcome\n    \"\"\""
        ]
        #expect(
            try Self.circles(planted) == [
                [
                    "Doors → Guests: Sources/Inn/Doors/Sign.swift:2 uses Guest",
                    "Guests → Rooms: Sources/Inn/Guests/Guest.swift:3 uses Room",
                    "Rooms → Doors: Sources/Inn/Rooms/Room.swift:3 uses Door",
                ]
            ])
    }

    @Test func `no folder is called after nothing`() throws {
        for target in try SourceTree.folders(in: "Sources") {
            let folders = try SourceTree.folders(in: "Sources/\(target)")
            #expect(folders.isDisjoint(with: ["Common", "Core", "Helpers", "Misc", "Shared", "Utils"]), "\(target)")
        }
    }
}
