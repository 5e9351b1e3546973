extension Route.Parameter {
    /// `limit` and `cursor` of a list.
    static let paging = [
        Route.Parameter("limit", .integer(1...200), "How many at most; 50 unless said"),
        Route.Parameter("cursor", .string(), "`next` of the page before"),
    ]
}
