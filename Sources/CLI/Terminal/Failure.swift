import Casework
import Foundation
import NIOCore
import Postgres
import Tenancy
import Web

/// A command that cannot go on: one line for whoever typed it.
struct Failure: Error, CustomStringConvertible {
    /// What is wrong, and what to do about it.
    let description: String

    init(_ description: String) {
        self.description = description
    }

    /// Any error as one line.
    static func line(for error: any Error) -> String {
        switch error {
        case let error as PostgresError: line(for: error)
        case let error as EntryRefusal: line(for: error)
        case let error as CaseworkError: error.english
        case let error as IOError where error.errnoCode == EADDRINUSE: "the address is already in use"
        case let error as IOError where error.errnoCode == EACCES: "permission denied: \(error.description)"
        case is CancellationError: "interrupted"
        case let error as CocoaError: error.localizedDescription
        default: String(describing: error).oneLine
        }
    }

    private static func line(for error: PostgresError) -> String {
        switch error.kind {
        case .connection, .poolExhausted, .timeout: "database out of reach: \(error.message)"
        default: "database: \(error.message)"
        }
    }

    private static func line(for refusal: EntryRefusal) -> String {
        switch refusal {
        case .notSignedIn: "not signed in"
        case .forbidden: "not allowed"
        case .hidden: "not found"
        case .notSetUp(let missing):
            "Case Management is not set up: \(missing.map { SetupStep(rawValue: $0)?.title ?? $0 }.joined(separator: ", "))"
        case .codesNeeded: "this institution's admins need an authenticator app first"
        case .suspended: "the institution is suspended"
        }
    }
}
