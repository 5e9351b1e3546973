/// Text keys of cards.
enum CardText: String, TextKey {
    static let feature = "cards"

    case own, of, somebody, intro, preview, edit, isPublished, isHidden, role, roleHint, office, email, emailHint,
        phone,
        location, hours, booking, bookingHint, biography, publish, publishHint
}
