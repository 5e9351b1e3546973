import TestSupport
import Testing

@testable import Casework

/// What a file's name says of it.
@Suite struct FolderKindTests {
    @Test(arguments: [
        ("students.csv", FolderKind.students), ("Students-Fall.CSV", .students),
        ("students-20261201T010203Z.csv", .students),
        ("staff.csv", .staff), ("staff 2026.csv", .staff), ("roster.zip", .package), (".zip", .package),
        ("cohort-7.csv", .members(cohort: 7)), ("cohort-0012-new.csv", .members(cohort: 12)),
        ("cohort-2147483647.csv", .members(cohort: 2_147_483_647)),
    ])
    func `names say whom a file is about`(name: String, kind: FolderKind) {
        #expect(FolderKind(name) == kind)
    }

    @Test(arguments: [
        "", "student.csv", "people.csv", "students.txt", "students.csv.gz", "xstudents.csv", "cohort-.csv",
        "cohort-x.csv",
        "cohort-0.csv", "cohort-2147483648.csv", "cohort--1.csv", "cohort-99999999999999999999.csv", "cohort-７.csv",
        "csv",
    ])
    func `other names say nothing`(name: String) {
        #expect(FolderKind(name) == nil)
    }
}

@Suite struct FolderKindFuzzTests {
    @Test func `spoilt names are read or refused, and no number is out of bounds`() {
        var kinds: Set<Int> = []
        let fault = Fuzz.faultInText(
            samples: ["students.csv", "cohort-12-x.csv", "staff-a.csv", "a.zip"],
            pieces: ["cohort-", "students", "staff", ".csv", ".zip", "12", "-", "é", "."]
        ) { name in
            guard let kind = FolderKind(name) else { return true }
            kinds.insert(kind.turn)
            guard case .members(let cohort) = kind else { return true }
            return (1...Int(Int32.max)).contains(cohort)
        }
        #expect(fault == nil)
        #expect(kinds.count == 4)
    }
}
