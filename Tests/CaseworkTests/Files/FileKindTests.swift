import TestSupport
import Testing

@testable import Casework

/// What a file is called by its content.
@Suite struct FileKindTests {
    /// The head of an entry of a ZIP file, and its content.
    private static func entry(_ name: String, _ content: String = "x") -> [UInt8] {
        var bytes: [UInt8] = [0x50, 0x4B, 0x03, 0x04] + [UInt8](repeating: 0, count: 22)
        bytes += [UInt8(name.utf8.count), 0, 0, 0]
        return bytes + Array(name.utf8) + Array(content.utf8)
    }

    private static let word = entry("[Content_Types].xml") + entry("_rels/.rels") + entry("word/document.xml")
    private static let wordType = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

    fileprivate static let samples: [(bytes: [UInt8], type: String)] = [
        (Array("%PDF-1.7\n%\u{0}".utf8), "application/pdf"),
        ([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0], "image/png"), ([0xFF, 0xD8, 0xFF, 0xE0], "image/jpeg"),
        (Array("GIF89a\u{1}".utf8), "image/gif"), (Array("RIFF\u{1}\u{0}\u{0}\u{0}WEBPVP8 ".utf8), "image/webp"),
        ([0x1F, 0x8B, 0x08, 0], "application/gzip"),
        ([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1], "application/x-ole-storage"),
        (word, wordType),
        (
            entry("[Content_Types].xml") + entry("xl/workbook.xml"),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        ),
        (
            entry("ppt/presentation.xml") + entry("[Content_Types].xml"),
            "application/vnd.openxmlformats-officedocument.presentationml.presentation"
        ),
        (
            entry("mimetype", "application/vnd.oasis.opendocument.text") + entry("content.xml"),
            "application/vnd.oasis.opendocument.text"
        ),
        (entry("mimetype", "application/epub+zip"), "application/epub+zip"),
        (entry("word/notes.txt"), "application/zip"), (entry("a.txt"), "application/zip"),
        ([0x50, 0x4B, 0x05, 0x06] + [UInt8](repeating: 0, count: 18), "application/zip"),
        (Array("MZ".utf8) + [UInt8](repeating: 0, count: 62), "application/vnd.microsoft.portable-executable"),
        ([0x7F, 0x45, 0x4C, 0x46, 2], "application/x-executable"),
        (Array("Plain \u{e9} words\r\n\tof text".utf8), "text/plain"), ([0x63, 0x61, 0x66, 0xE9], "text/plain"),
        ([0xFF, 0xFE, 0x41, 0x00], "text/plain"),
    ]

    @Test func `content that is known is called what it is, whatever was declared`() {
        for (bytes, type) in Self.samples {
            for declared in ["application/octet-stream", type == "image/png" ? "application/pdf" : "image/png"] {
                #expect(FileKind.type(declared: declared, start: bytes) == type, "\(type) declared as \(declared)")
            }
            #expect(FileKind.type(declared: "\(type); x=1", start: bytes) == "\(type); x=1")
        }
    }

    @Test(arguments: [
        ("text/csv; charset=utf-8", "a,b\n1,2\n"), ("TEXT/HTML", "<b>x</b>"), ("application/json", "{}"),
        ("image/svg+xml", "<svg/>"), ("message/rfc822", "From: a@b.edu\r\n\r\nx"),
    ])
    func `text may be what it was declared as, as far as that is text`(declared: String, text: String) {
        #expect(FileKind.type(declared: declared, start: Array(text.utf8)) == declared)
        #expect(FileKind.type(declared: declared, start: [0, 1, 2]) == "application/octet-stream")
    }

    @Test func `what is not known stays what it was declared as, unless it would have been known`() {
        #expect(FileKind.type(declared: "video/mp4", start: [0, 0, 0, 0x18]) == "video/mp4")
        #expect(FileKind.type(declared: "application/pdf", start: [0, 0, 0, 0x18]) == "application/octet-stream")
        #expect(FileKind.type(declared: Self.wordType, start: Self.entry("a.txt")) == "application/zip")
        #expect(
            FileKind.type(declared: "application/vnd.google-earth.kmz", start: Self.entry("doc.kml"))
                == "application/vnd.google-earth.kmz")
        #expect(FileKind.type(declared: "application/msword", start: Self.samples[6].bytes) == "application/msword")
    }
}

@Suite struct FileKindFuzzTests {
    @Test func `no content breaks it, and what it answers is a media type that it answers again`() {
        let samples = FileKindTests.samples.map(\.bytes)
        let pieces = [
            [0x50, 0x4B, 0x03, 0x04], Array("mimetype".utf8), Array("word/".utf8), [0xFF, 0xFF], [0], [0x50],
        ]
        #expect(
            Fuzz.fault(samples: samples, pieces: pieces) { bytes, _ in
                let type = FileKind.type(declared: "application/octet-stream", start: bytes)
                return type.split(separator: "/").count == 2 && FileKind.type(declared: type, start: bytes) == type
                    && FileKind.type(declared: "audio/mpeg", start: bytes).contains("/")
            } == nil)
    }
}
