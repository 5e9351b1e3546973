import CLibPQ

/// What waits until a pipeline is idle, or until a script on it has ended.
enum Backlog {
    case batch(Batch)
    case simple(SimpleOperation)
}

/// A script of many statements, or a COPY: both by the simple query protocol, which pipeline mode excludes.
///
/// Safe to send: made on the caller's thread, then touched only on the event loop's.
final class SimpleOperation: @unchecked Sendable {
    let text: String
    let copies: Bool
    /// Resumed once the server asks for the data of a COPY.
    var copyStarted: ((Result<Void, any Error>) -> Void)?
    /// Resumed with the rows affected by the last statement.
    var completion: ((Result<Int, any Error>) -> Void)?
    /// Resumed once the data handed over last has gone to the kernel.
    var drained: ((Result<Void, any Error>) -> Void)?
    weak var pipeline: Pipeline?
    private var isCopying = false
    private var affected = 0
    private var error: (any Error)?
    private var isOver = false

    init(_ text: String, copies: Bool) {
        self.text = text
        self.copies = copies
    }

    /// Calls back once the server asks for data, or the operation failed.
    func awaitStart(_ call: @escaping (Result<Void, any Error>) -> Void) {
        if isCopying {
            call(.success(()))
        } else if let error {
            call(.failure(error))
        } else if isOver {
            call(.failure(PostgresError(.protocolViolation, "the statement is not a COPY … FROM STDIN")))
        } else {
            copyStarted = call
        }
    }

    func start(_ handle: OpaquePointer) -> Bool {
        PQexitPipelineMode(handle) == 1 && PQsendQuery(handle, text) == 1
    }

    func process(_ handle: OpaquePointer) {
        if isCopying {
            notifyDrained(handle)
            return
        }
        while PQisBusy(handle) == 0 {
            guard let result = PQgetResult(handle) else {
                finish(handle)
                return
            }
            defer { PQclear(result) }
            switch PQresultStatus(result) {
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY:
                affected = PQcmdTuples(result).flatMap { Int(String(cString: $0)) } ?? 0
            case PGRES_COPY_IN where copies:
                isCopying = true
                resume(&copyStarted, .success(()))
                return
            case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
                pipeline?.close(PostgresError(.protocolViolation, "COPY is not possible in a script"))
                return
            default:
                if error == nil { error = PostgresError(result: result) }
            }
        }
    }

    /// Hands data of a COPY to libpq; `done` is called when the kernel took it.
    func put(_ data: [UInt8], _ handle: OpaquePointer, done: @escaping (Result<Void, any Error>) -> Void) {
        let accepted = data.withUnsafeBytes { bytes in
            PQputCopyData(handle, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(clamping: data.count))
        }
        guard accepted == 1 else {
            done(.failure(PostgresError.connection(handle, sent: true)))
            pipeline?.noticeLoss()
            return
        }
        drained = done
        pipeline?.flush()
        notifyDrained(handle)
    }

    func end(_ handle: OpaquePointer, reason: String?) {
        isCopying = false
        let accepted = reason.map { PQputCopyEnd(handle, $0) } ?? PQputCopyEnd(handle, nil)
        guard accepted == 1 else {
            pipeline?.noticeLoss()
            return
        }
        pipeline?.flush()
        pipeline?.process()  // The server may have refused the data long ago.
    }

    private func notifyDrained(_ handle: OpaquePointer) {
        if drained != nil, PQflush(handle) == 0 { resume(&drained, .success(())) }
    }

    private func finish(_ handle: OpaquePointer) {
        guard PQenterPipelineMode(handle) == 1 else {
            pipeline?.close(.connection(handle, sent: true))
            return
        }
        isOver = true
        pipeline?.simple = nil
        if let error {
            fail(error)
        } else if copyStarted != nil {
            fail(PostgresError(.protocolViolation, "the statement is not a COPY … FROM STDIN"))
        } else {
            resume(&completion, .success(affected))
        }
    }

    func fail(_ error: any Error) {
        isOver = true
        isCopying = false
        self.error = error
        resume(&copyStarted, .failure(error))
        resume(&drained, .failure(error))
        resume(&completion, .failure(error))
    }

    private func resume<Value>(
        _ waiting: inout ((Result<Value, any Error>) -> Void)?, _ result: Result<Value, any Error>
    ) {
        let call = waiting
        waiting = nil
        call?(result)
    }
}

extension Pipeline {
    /// Starts a script or COPY, or queues it behind what is in flight.
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

    func deliverNotifications(_ handle: OpaquePointer) {
        guard let notificationSink else { return }
        while let notify = PQnotifies(handle) {
            notificationSink(
                Notification(
                    channel: String(cString: notify.pointee.relname), payload: String(cString: notify.pointee.extra),
                    process: Int(notify.pointee.be_pid)))
            PQfreemem(notify)
        }
    }
}

/// What `NOTIFY` sent to a channel this connection listens on.
public struct Notification: Sendable, Hashable {
    /// The channel's name.
    public let channel: String
    /// The text sent along, empty when there was none.
    public let payload: String
    /// The server process that sent it.
    public let process: Int
}
