import Testing

@testable import Casework

@Suite struct CSVWriterTests {
    private func write(_ rows: [String]...) -> String {
        var writer = CSVWriter()
        for row in rows { writer.row(row) }
        return String(decoding: writer.drain(), as: UTF8.self)
    }

    @Test func `quotes only where it must`() {
        #expect(
            write(["a", "b c", "é"], ["x,y", "say \"hi\"", "a\nb", " pad"])
                == "a,b c,é\r\n\"x,y\",\"say \"\"hi\"\"\",\"a\nb\",\" pad\"\r\n")
        #expect(write([""], ["", ""], []) == "\"\"\r\n,\r\n\r\n")
    }

    @Test(arguments: [
        ("=1+1", "'=1+1"), ("+49 30", "'+49 30"), ("-2", "'-2"), ("@sum(a)", "'@sum(a)"), ("\tx", "'\tx"),
        ("\rx", "\"'\rx\""), ("=a,b", "\"'=a,b\""), ("a=b", "a=b"),
    ])
    func `disarms formulas`(cell: String, written: String) {
        #expect(write([cell, "x"]) == "\(written),x\r\n")
    }

    @Test func `leaves formulas as they are for our own reader`() {
        var writer = CSVWriter(isForSpreadsheets: false)
        writer.row(["=1+1", "-2", " a,b"])
        #expect(String(decoding: writer.drain(), as: UTF8.self) == "=1+1,-2,\" a,b\"\r\n")
    }

    @Test func `reads back what it wrote`() throws {
        let rows = [["a", "b\"c", "d\r\ne"], ["", "x,y", "😀"], ["O'Brien", "\"", ","]]
        var writer = CSVWriter()
        for row in rows { writer.row(row) }
        var parser = CSVParser()
        var read: [[String]] = []
        try parser.feed(writer.drain()) { read.append($0.cells) }
        try parser.finish { read.append($0.cells) }
        #expect(read == rows)
        #expect(writer.drain().isEmpty)
    }
}
