import CLibPQ

/// What waits until a pipeline is idle, or until a script on it has ended.
enum Backlog {
    case batch(Batch)
    case simple(SimpleOperation)
}

/// A script of many statements, by the simple query protocol, which pipeline mode excludes.
///
/// Safe to send: made on the caller's thread, then touched only on the event loop's.
final class SimpleOperation: @unchecked Sendable {
    let text: String
    /// Called once, when the script has ended.
    var completion: ((Result<Void, any Error>) -> Void)?
    weak var pipeline: Pipeline?
    private var error: PostgresError?

    init(_ text: String) {
        self.text = text
    }

    func start(_ handle: OpaquePointer) -> Bool {
        PQexitPipelineMode(handle) == 1 && PQsendQuery(handle, text) == 1
    }

    func process(_ handle: OpaquePointer) {
        while PQisBusy(handle) == 0 {
            guard let result = PQgetResult(handle) else {
                finish(handle)
                return
            }
            defer { PQclear(result) }
            switch PQresultStatus(result) {
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY:
                break
            case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
                pipeline?.close(PostgresError(.protocolViolation, "COPY is not possible in a script"))
                return
            default:
                if error == nil { error = PostgresError(result: result) }
            }
        }
    }

    private func finish(_ handle: OpaquePointer) {
        guard PQenterPipelineMode(handle) == 1 else {
            pipeline?.close(.connection(handle, sent: true))
            return
        }
        pipeline?.simple = nil
        end(error.map { .failure($0) } ?? .success(()))
    }

    func fail(_ error: PostgresError) { end(.failure(error)) }

    private func end(_ result: Result<Void, any Error>) {
        let completion = completion
        self.completion = nil
        completion?(result)
    }
}

extension Pipeline {
    /// Starts a script, or queues it behind what is in flight.
    func send(_ operation: SimpleOperation) {
        guard handle != nil else {
            operation.fail(PostgresError(.connection, "the connection is closed"))
            return
        }
        operation.pipeline = self
        backlog.append(.simple(operation))
        startBacklog()
    }

    /// Goes on with what had to wait.
    func startBacklog() {
        while simple == nil, !backlog.isEmpty, let handle {
            switch backlog[0] {
            case .batch(let batch):
                backlog.removeFirst()
                let rest = backlog
                backlog = []
                let sent = send(batch)
                backlog = rest + backlog
                if !sent { batch.finish(.failure(PostgresError(.connection, "the connection is closed"))) }
            case .simple(let operation):
                guard inFlight.isEmpty else { return }
                backlog.removeFirst()
                simple = operation
                guard operation.start(handle) else {
                    close(.connection(handle, sent: true))
                    return
                }
                flush()
            }
        }
    }

    /// Fails the running script and everything queued behind it.
    func failSimple(_ error: PostgresError) {
        let running = simple
        let waiting = backlog
        simple = nil
        backlog = []
        running?.fail(error)
        for item in waiting {
            switch item {
            case .batch(let batch): batch.finish(.failure(error))
            case .simple(let operation): operation.fail(error)
            }
        }
    }
}
