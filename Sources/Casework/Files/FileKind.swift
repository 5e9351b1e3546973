/// What kind of file some bytes are, by how such files begin.
///
/// Browsers tell a file's type by the end of its name, and so do people who send something else than they say. The type that
/// is stored, and that whoever downloads it is told, is the one that the content shows.
enum FileKind: Sendable, CaseIterable {
    case pdf, png, jpeg, gif, webp, gzip, oldOffice, windowsProgram, program
    case word, sheet, slides, openText, openSheet, openSlides, book, zip
    case text

    /// How many bytes at the beginning are looked at.
    static let window = StoredFile.pieceSize

    /// The media types that such a file may have; the first is its own.
    private var types: [String] {
        switch self {
        case .pdf: ["application/pdf", "application/x-pdf"]
        case .png: ["image/png"]
        case .jpeg: ["image/jpeg", "image/jpg", "image/pjpeg"]
        case .gif: ["image/gif"]
        case .webp: ["image/webp"]
        case .gzip: ["application/gzip", "application/x-gzip", "application/x-tar", "application/x-compressed-tar"]
        case .oldOffice:
            [
                "application/x-ole-storage", "application/msword", "application/vnd.ms-excel",
                "application/vnd.ms-powerpoint", "application/vnd.ms-outlook", "application/vnd.visio",
                "application/x-msi",
            ]
        case .windowsProgram:
            ["application/vnd.microsoft.portable-executable", "application/x-msdownload", "application/x-dosexec"]
        case .program: ["application/x-executable", "application/x-sharedlib", "application/x-elf"]
        case .word:
            [
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
                "application/vnd.openxmlformats-officedocument.wordprocessingml.template",
                "application/vnd.ms-word.document.macroenabled.12",
            ]
        case .sheet:
            [
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                "application/vnd.openxmlformats-officedocument.spreadsheetml.template",
                "application/vnd.ms-excel.sheet.macroenabled.12",
                "application/vnd.ms-excel.sheet.binary.macroenabled.12",
            ]
        case .slides:
            [
                "application/vnd.openxmlformats-officedocument.presentationml.presentation",
                "application/vnd.openxmlformats-officedocument.presentationml.slideshow",
                "application/vnd.openxmlformats-officedocument.presentationml.template",
                "application/vnd.ms-powerpoint.presentation.macroenabled.12",
            ]
        case .openText: ["application/vnd.oasis.opendocument.text"]
        case .openSheet: ["application/vnd.oasis.opendocument.spreadsheet"]
        case .openSlides: ["application/vnd.oasis.opendocument.presentation"]
        case .book: ["application/epub+zip"]
        case .zip: ["application/zip", "application/x-zip-compressed", "application/x-zip"]
        case .text: ["text/plain"]
        }
    }

    /// The media type of a file.
    /// - Parameters:
    ///   - declared: what its uploader said, with parameters. It is kept where the content does not contradict it.
    ///   - start: the beginning of its content, up to `window` bytes.
    static func type(declared: String, start: [UInt8]) -> String {
        let name = declared.prefix { $0 != ";" }.lowercased().trimmed
        let found = FileKind(start)
        if let found, found.allows(name) { return declared }
        if let found { return found.types.first ?? declared }
        let isClaimed = isText(name) || allCases.contains { $0.types.contains(name) }
        return isClaimed ? "application/octet-stream" : declared
    }

    /// Whether a media type may be that of such a file.
    private func allows(_ type: String) -> Bool {
        switch self {
        case .text: Self.isText(type)
        // many formats are archives that only their programs tell apart
        case .zip:
            types.contains(type)
                || type.hasPrefix("application/") && type != "application/octet-stream" && !Self.isText(type)
                    && !Self.allCases.contains { $0.types.contains(type) }
        default: types.contains(type)
        }
    }

    private static let textTypes: Set<String> = [
        "application/json", "application/xml", "application/javascript", "application/rtf", "application/sql",
        "application/yaml", "application/x-yaml", "application/x-ndjson", "application/x-sh", "application/x-tex",
        "application/x-latex", "application/csv", "application/ics", "message/rfc822",
    ]

    private static func isText(_ type: String) -> Bool {
        type.hasPrefix("text/") || type.hasSuffix("+xml") || type.hasSuffix("+json") || textTypes.contains(type)
    }

    private static let signatures: [(kind: FileKind, bytes: [UInt8])] = [
        (.pdf, Array("%PDF-".utf8)), (.png, [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]),
        (.jpeg, [0xFF, 0xD8, 0xFF]), (.gif, Array("GIF87a".utf8)), (.gif, Array("GIF89a".utf8)),
        (.gzip, [0x1F, 0x8B, 0x08]), (.oldOffice, [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]),
        (.program, [0x7F, 0x45, 0x4C, 0x46]),
    ]

    /// - Parameter start: the beginning of a file.
    /// - Returns: nil where it is none of these kinds.
    init?(_ start: [UInt8]) {
        if let known = Self.signatures.first(where: { start.starts(with: $0.bytes) }) {
            self = known.kind
        } else if start.starts(with: Array("RIFF".utf8)), start.dropFirst(8).starts(with: Array("WEBP".utf8)) {
            self = .webp
        } else if let archive = Self.archive(start) {
            self = archive
        } else if Self.isReadable(start.prefix(8_192)) {
            self = .text
        } else if start.starts(with: Array("MZ".utf8)), start.count >= 64 {
            self = .windowsProgram
        } else {
            return nil
        }
    }

    /// Text in whatever encoding: without control characters, or UTF-16 that says so.
    private static func isReadable(_ start: ArraySlice<UInt8>) -> Bool {
        if start.starts(with: [0xFF, 0xFE]) || start.starts(with: [0xFE, 0xFF]) { return start.count % 2 == 0 }
        return start.allSatisfy { $0 >= 0x20 && $0 != 0x7F || (0x08...0x0D).contains($0) || $0 == 0x1B }
    }

    // MARK: Archives

    private static let entry: [UInt8] = [0x50, 0x4B, 0x03, 0x04]
    private static let emptyArchive: [UInt8] = [0x50, 0x4B, 0x05, 0x06]
    private static let folders: [(prefix: [UInt8], kind: FileKind)] = [
        (Array("word/".utf8), .word), (Array("xl/".utf8), .sheet), (Array("ppt/".utf8), .slides),
    ]

    /// What a ZIP file holds: by the names of its entries, or by its first one, in which OpenDocument and EPUB name their type.
    private static func archive(_ start: [UInt8]) -> FileKind? {
        if start.starts(with: emptyArchive) { return .zip }
        guard start.starts(with: entry) else { return nil }
        if name(at: 0, in: start)?.elementsEqual("mimetype".utf8) == true {
            let content = start.dropFirst(38).prefix(64)
            // the longest first, for one may begin like another
            for kind in [FileKind.openSlides, .openSheet, .openText, .book]
            where content.starts(with: Array((kind.types.first ?? "").utf8)) { return kind }
        }
        var isOffice = false
        var found: FileKind?
        var position = 0
        while let next = start.dropFirst(position).firstIndex(of: entry[0]) {
            position = next + 1
            guard start.dropFirst(next).starts(with: entry), let name = name(at: next, in: start) else { continue }
            if name.elementsEqual("[Content_Types].xml".utf8) { isOffice = true }
            if found == nil { found = folders.first { name.starts(with: $0.prefix) }?.kind }
            if isOffice, let found { return found }
        }
        return .zip
    }

    /// The name in an entry's head.
    private static func name(at place: Int, in bytes: [UInt8]) -> ArraySlice<UInt8>? {
        let head = bytes.dropFirst(place).prefix(30)
        guard head.count == 30 else { return nil }
        let count = Int(head[head.startIndex + 26]) | Int(head[head.startIndex + 27]) << 8
        let name = bytes.dropFirst(place + 30).prefix(count)
        return name.count == count ? name : nil
    }
}
