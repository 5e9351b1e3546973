/// The head of a column.
struct Column {
    let text: String
    var isNumber = false
    /// Whether only screen readers are told: the column of buttons.
    var isHidden = false

    static func text(_ text: String) -> Column { Column(text: text) }
    static func number(_ text: String) -> Column { Column(text: text, isNumber: true) }
    static func actions(_ text: String) -> Column { Column(text: text, isHidden: true) }
}

/// A table that stacks its cells where the window is narrow; `.data("label", …)` names a cell there.
/// - Parameters:
///   - name: `.labelledBy` of a heading, or `.ariaLabel`.
///   - summary: whether its columns are of one width from table to table.
func dataTable(_ name: Attribute, _ columns: [Column], isSummary: Bool = false, @HTMLBuilder rows: Content) -> HTML {
    dataTable(name, isSummary: isSummary, rows: rows) {
        for column in columns {
            th(.scope("col"), .if(column.isNumber, .class("number"))) {
                if column.isHidden { visuallyHidden(column.text) } else { column.text }
            }
        }
    }
}

/// The same with column heads of its own.
func dataTable(
    _ name: Attribute, isSummary: Bool = false, @HTMLBuilder rows: Content, @HTMLBuilder heads: Content
) -> HTML {
    div(.class("table-wrap")) {
        table(.class(isSummary ? "stacked summary" : "stacked"), name) {
            thead { tr { heads() } }
            tbody { rows() }
        }
    }
}

/// The cell of a number.
/// - Parameter label: the column's.
func numberCell(_ number: String, label: String) -> HTML {
    td(.class("number"), .data("label", label)) { number }
}

/// Where a list goes on.
struct PageLinks {
    var first: String?
    var next: String?
}

/// The way to the next page of a list, and back to the first; nothing where the list has only one.
func pager(_ links: PageLinks, _ words: Catalogue) -> HTML {
    if links.first == nil, links.next == nil { return HTML() }
    return nav(.class("pager"), .ariaLabel(words[ShellText.pages])) {
        if let first = links.first { a(.href(first)) { words[ShellText.first] } } else { span() }
        if let next = links.next { a(.href(next), .rel("next")) { words[ShellText.next] } }
    }
}
