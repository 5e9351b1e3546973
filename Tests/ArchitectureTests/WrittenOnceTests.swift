import Testing

/// Rules that stand in one place, so that whoever changes one changes it for every page, report and reminder.
@Suite struct WrittenOnceTests {
    static let dueDates = "sql/platform/0006_due_dates.sql"

    @Test(arguments: [
        #"\+ *(?:\w+\.)?due_after_days"#,  // when a milestone is due
        #"time zone (?:\w+\.)?time_zone\)::date"#,  // which day a moment is
        #"due_on < (?:\w+\.)?today"#,  // what is overdue
        #"due_on between "#,  // what is due soon
    ])
    func `what a due date is and means stands in one file`(pattern: String) throws {
        let rule = try Regex(pattern)
        let files =
            try SourceTree.files(in: "sql", endings: ["sql"]) + SourceTree.files(in: "Sources", endings: ["swift"])
        #expect(files.contains { $0.path == Self.dueDates })
        for file in files where file.path != Self.dueDates {
            for (number, line) in file.lines.enumerated() where line.contains(rule) {
                Issue.record("\(file.path):\(number + 1) says it too; call the function of \(Self.dueDates)")
            }
        }
    }
}
