import TestSupport
import Testing

@testable import Casework

@Suite struct BrandColorTests {
    /// Every 4,099th of all colors, and the corners.
    private static let some: [BrandColor] = (stride(from: 0, to: 0x100_0000, by: 4_099).map { $0 } + [0xFFFFFF])
        .compactMap {
            BrandColor("#" + String($0 + 0x100_0000, radix: 16).dropFirst())
        }

    @Test func `contrasts are those of WCAG`() throws {
        let white = try #require(BrandColor("#ffffff"))
        for (color, contrast) in [
            ("#000000", 21.0), ("#777777", 4.48), ("#767676", 4.54), ("#ffffff", 1), ("#ff0000", 4),
        ] {
            let found = try #require(BrandColor(color)).contrast(with: white)
            #expect(abs(found - contrast) < 0.006, "\(color): \(found)")
        }
    }

    @Test func `each color has a readable shade, and one for the dark scheme`() throws {
        #expect(Self.some.count > 4_000)
        for color in Self.some {
            let shade = color.readable
            #expect(shade.isReadable, "\(color.text)")
            #expect(color.isReadable ? shade == color : shade.contrast(with: shade.soft) >= 4.5)
            let back = try #require(BrandColor(shade.text))
            #expect(back.isReadable, "as it is written")
            #expect(shade.onDark.contrast(with: shade.darkSoft) >= 4.5, "\(color.text)")
            // buttons: their text on the color
            #expect(try #require(BrandColor("#ffffff")).contrast(with: shade) >= 4.5)
            #expect(try #require(BrandColor("#0d1a2b")).contrast(with: shade.onDark) >= 3.9, "\(color.text)")
        }
    }

    @Test(arguments: [
        "", "#", "#12345", "#1234567", "123456", "#12345g", "#１２３４５６", "red", "#+12345", "# 12345", "#-12345",
    ])
    func `what is no color is none`(text: String) { #expect(BrandColor(text) == nil) }

    @Test func `capital letters are written small`() { #expect(BrandColor("#AbCdEf")?.text == "#abcdef") }

    @Test(
        arguments: [
            ([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0], "image/png"),
            ([0xFF, 0xD8, 0xFF, 0xE0], "image/jpeg"),
            (Array("RIFF....WEBPVP8 ".utf8), "image/webp"), (Array("RIFF....WAVE".utf8), nil),
            (Array("<svg/>".utf8), nil),
            (Array("GIF89a".utf8), nil), ([], nil), (Array("RIFF".utf8), nil), ([0x89], nil),
        ] as [([UInt8], String?)])
    func `pictures are known by how they begin`(bytes: [UInt8], type: String?) {
        #expect(Branding.mediaType(of: bytes) == type)
    }
}
