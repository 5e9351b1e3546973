/// Text keys of people who help, and the directory.
enum PersonText: String, TextKey {
    static let feature = "people"

    case about, book, call, mail, directoryTitle, directoryText, none, noneText, find, everybody, contact
}
