/// What a series is called and what it tells.
struct SeriesDescription: Sendable {
    let name: String
    let help: String
    /// Upper ends of a histogram's buckets.
    var buckets = SeriesDescription.seconds

    /// Buckets for times, from a quick answer to a client that gives up.
    static let seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

    static let events = SeriesDescription(
        name: "waymark_events_total", help: "What the log tells of, by event and cause.")
    static let requests = SeriesDescription(
        name: "waymark_requests_total", help: "Requests answered, by route, method and status.")
    static let requestSeconds = SeriesDescription(
        name: "waymark_request_seconds", help: "Time from a request's head to the last byte of its answer.")
    static let requestsInFlight = SeriesDescription(
        name: "waymark_requests_in_flight", help: "Requests whose answer is not yet given whole.")
    static let connections = SeriesDescription(name: "waymark_connections", help: "Client connections open.")
    static let lag = SeriesDescription(
        name: "waymark_event_loop_lag_seconds",
        help: "How long work waits for its thread: of the network's loops, and of the tasks that answer.")

    static let jobs = SeriesDescription(
        name: "waymark_job_seconds",
        help:
            "Background work that has ended here: mails, rosters, files of folders, rounds of sweeping. Failed is also what is tried again, and a file that waits for an admin.",
        buckets: [0.01, 0.1, 1, 10, 60, 600, 3_600])

    static let all = [events, requests, requestSeconds, requestsInFlight, connections, lag, jobs]
}
