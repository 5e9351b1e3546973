import Foundation

/// The color that an institution gives its links and buttons, with the shades that are made of it.
public struct BrandColor: Sendable, Equatable {
    private let red: Double
    private let green: Double
    private let blue: Double

    /// The contrast that text needs with what lies behind it (WCAG 2.2, success criterion 1.4.3).
    static let neededContrast = 4.5

    private static let white = BrandColor(red: 1, green: 1, blue: 1)
    private static let black = BrandColor(red: 0, green: 0, blue: 0)
    /// The cards of the dark scheme, as the stylesheet has them.
    private static let darkCard = BrandColor(red: 0x1A / 255, green: 0x21 / 255, blue: 0x2B / 255)

    private init(red: Double, green: Double, blue: Double) {
        (self.red, self.green, self.blue) = (red, green, blue)
    }

    /// Reads `#rrggbb`; nil for everything else.
    public init?(_ text: String) {
        let digits = text.utf8.dropFirst()
        guard text.utf8.first == UInt8(ascii: "#"), digits.count == 6,
            digits.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }),
            let number = Int(String(text.dropFirst()), radix: 16)
        else { return nil }
        self.init(
            red: Double(number >> 16) / 255, green: Double(number >> 8 & 0xFF) / 255, blue: Double(number & 0xFF) / 255)
    }

    /// `#rrggbb`, in small letters.
    public var text: String {
        "#"
            + [red, green, blue].map { part in
                String(Int((part * 255).rounded()) + 0x100, radix: 16).dropFirst()
            }.joined()
    }

    /// Whether links in it can be read on every light background that pages have, `soft` being the darkest.
    var isReadable: Bool { contrast(with: soft) >= Self.neededContrast }

    /// The nearest darker shade that `isReadable`, itself where it is one.
    var readable: BrandColor { first(towards: Self.black, where: \.isReadable) }

    /// A background for what is chosen, in the light scheme.
    public var soft: BrandColor { mixed(with: Self.white, 0.9) }

    /// The same for the dark scheme: lighter, until links in it can be read.
    public var onDark: BrandColor {
        first(towards: Self.white) { $0.contrast(with: darkSoft) >= Self.neededContrast }
    }

    /// A background for what is chosen, in the dark scheme.
    public var darkSoft: BrandColor { Self.darkCard.mixed(with: self, 0.15) }

    /// From 1 to 21 (WCAG 2.2, "contrast ratio").
    func contrast(with other: BrandColor) -> Double {
        let lights = [luminance, other.luminance].sorted()
        return (lights[1] + 0.05) / (lights[0] + 0.05)
    }

    /// WCAG 2.2, "relative luminance".
    private var luminance: Double {
        let parts = [red, green, blue].map { part in part <= 0.04045 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4) }
        return zip([0.2126, 0.7152, 0.0722], parts).reduce(0) { $0 + $1.0 * $1.1 }
    }

    private func mixed(with other: BrandColor, _ share: Double) -> BrandColor {
        BrandColor(
            red: red + (other.red - red) * share, green: green + (other.green - green) * share,
            blue: blue + (other.blue - blue) * share)
    }

    /// The first of fifty steps that fits, judged as it will be written: in whole numbers of 255.
    private func first(towards goal: BrandColor, where fits: (BrandColor) -> Bool) -> BrandColor {
        for step in 0...50 {
            guard let shade = BrandColor(mixed(with: goal, Double(step) / 50).text) else { continue }
            if fits(shade) { return shade }
        }
        return goal
    }
}

extension FieldRule where Value == String {
    /// A color as `#rrggbb` in which links can be read.
    public static var color: FieldRule {
        var rule = FieldRule(placeholder: "") { (raw) throws(Refusal) in
            guard let color = BrandColor(try Text.clean(raw, length: 1...20)) else { throw Refusal(.notAColor) }
            guard color.isReadable else {
                let contrast = (color.contrast(with: color.soft) * 10).rounded(.down) / 10
                throw Refusal(.tooPale, ["contrast": .text("\(contrast)"), "color": .text(color.readable.text)])
            }
            return color.text
        }
        rule.blankIsNull = true
        return rule
    }
}
