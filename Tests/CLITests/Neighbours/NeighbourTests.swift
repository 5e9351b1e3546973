import Glibc
import TestSupport
import Testing

@Suite struct NeighbourTests {
    @Test(.timeLimit(.minutes(1))) func `a program that stands beside a test hears that it has to end`() async throws {
        let folder = try TemporaryFolder()
        try folder.write("", to: "in")
        let sleeper = try ChildProcess(["/bin/sleep", "600"], environment: [:], folder: folder.path)
        kill(sleeper.processIdentifier, SIGTERM)
        #expect(try await sleeper.end() == 128 + SIGTERM)
    }
}
