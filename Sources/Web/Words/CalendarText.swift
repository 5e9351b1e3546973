/// Text keys of calendars, of what stands in them too.
enum CalendarText: String, TextKey {
    static let feature = "calendars"

    case heading, textStudent, textStaff, make, once, address, since, renew, renewText, revoke, revokeText, name, done,
        sent, toDo
}
