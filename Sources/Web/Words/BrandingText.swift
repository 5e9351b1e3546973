/// Text keys of an institution's logo and color.
enum BrandingText: String, TextKey {
    static let feature = "branding"

    case title, text, color, colorHint, logo, logoHint, removeLogo, save
}
