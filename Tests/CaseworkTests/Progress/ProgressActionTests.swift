import Casework
import Testing

@Suite struct ProgressActionTests {
    /// The design's state machine, written out.
    @Test func `the steps are those of the design, and no others`() {
        var steps: Set<String> = []
        for action in ProgressAction.allCases {
            for source in action.sources(asStudent: false) { steps.insert("\(source) \(action) \(action.target)") }
        }
        #expect(
            steps == [
                "open submit submitted", "returned submit submitted", "submitted withdraw open",
                "submitted return returned",
                "open complete completed", "submitted complete completed", "returned complete completed",
                "completed reopen open", "waived reopen open", "open waive waived", "submitted waive waived",
                "returned waive waived",
            ])
    }

    @Test func `a student completes what is open or returned, not what staff is to answer`() {
        #expect(ProgressAction.complete.sources(asStudent: true) == [.open, .returned])
        for action in ProgressAction.allCases where action != .complete {
            #expect(action.sources(asStudent: true) == action.sources(asStudent: false))
        }
    }

    @Test func `saying no, taking back and letting off need a word`() {
        #expect(ProgressAction.allCases.filter(\.needsComment) == [.return, .reopen, .waive])
    }
}
