/// Rows under headings, in columns as wide as their widest cell.
struct Table {
    private let headings: [String]
    private var rows: [[String]] = []

    init(_ headings: String...) {
        self.headings = headings
    }

    init(headings: [String]) {
        self.headings = headings
    }

    /// Adds a row. Line breaks in a cell become spaces.
    mutating func add(_ cells: [String]) {
        rows.append(cells.map { $0.contains(where: \.isNewline) ? $0.oneLine : $0 })
    }

    /// The lines, headings first.
    var lines: [String] {
        let all = [headings] + rows
        let widths = headings.indices.map { column in
            all.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        return all.map { row in
            let line = row.enumerated().map { column, cell in
                column < widths.count ? cell + String(repeating: " ", count: widths[column] - cell.count) : cell
            }.joined(separator: "  ")
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
    }

    /// Writes it to standard output; says so where there is nothing to show.
    func show(empty: String) {
        guard !rows.isEmpty else { return Output.line(empty) }
        for line in lines { Output.line(line) }
    }
}

extension Table {
    /// `3 days`, `5 h`, `12 min`, `40 s`
    static func span(_ seconds: Int) -> String {
        switch seconds {
        case 172_800...: "\(seconds / 86_400) days"
        case 7_200...: "\(seconds / 3_600) h"
        case 120...: "\(seconds / 60) min"
        default: "\(max(0, seconds)) s"
        }
    }
}
