import Testing

@testable import CLI

@Suite struct TableTests {
    @Test func `columns are as wide as their widest cell and lines end without spaces`() {
        var table = Table("name", "n")
        table.add(["Zoë", "10"])
        table.add(["a\nb", ""])
        #expect(table.lines == ["name  n", "Zoë   10", "a b"])
    }

    @Test func `a progress bar fills and never overflows`() {
        let bar = ProgressBar("Work", total: 3)
        #expect(bar.bar(0) == "Work  [\(String(repeating: ".", count: 30))]  0/3")
        #expect(bar.bar(3) == "Work  [\(String(repeating: "#", count: 30))]  3/3")
        #expect(bar.bar(4).contains(String(repeating: "#", count: 30) + "]"))
    }
}
