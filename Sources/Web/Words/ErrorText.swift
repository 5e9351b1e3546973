/// Text keys of refusals and what hangs on something.
enum ErrorText: String, TextKey {
    static let feature = "errors"

    case title400, text400, title403, text403, title404, text404, title409, text409, title413, text413, title415,
        text415, title422, text422, title412, text412, title429, text429, title503, text503, titleOther, textOther,
        requestID, notSetUp, notSetUpText, home
}
