import Foundation

/// How a trap is reported on standard error.
enum CrashReport {
    /// The thread at fault, and the names on its stack. Left alone, Swift tells all it can find out about every thread and
    /// library; that takes seconds, in which connections are taken and never answered.
    static let settings =
        "interactive=no,color=no,threads=crashed,images=none,registers=none,symbolicate=fast"

    /// Begins this program again, within the same process, with those settings: Swift reads them when a process starts. Does
    /// nothing where somebody has set SWIFT_BACKTRACE.
    static func keepShort() {
        guard getenv("SWIFT_BACKTRACE") == nil,
            let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        else { return }
        setenv("SWIFT_BACKTRACE", settings, 1)
        // the thread we are on may have signals blocked that the new program waits for
        var none = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, nil)
        var arguments = CommandLine.arguments.map { strdup($0) } + [nil]
        execv(program, &arguments)
    }
}
