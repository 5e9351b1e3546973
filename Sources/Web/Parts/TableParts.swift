/// A column of a table: its head, and how its cells are drawn.
struct Column {
    enum Kind {
        /// What the row is about, its first cell.
        case name
        case text, number
        /// Buttons; only screen readers are told the head.
        case actions
    }

    let text: String
    let kind: Kind

    static func name(_ text: String) -> Column { Column(text: text, kind: .name) }
    static func text(_ text: String) -> Column { Column(text: text, kind: .text) }
    static func number(_ text: String) -> Column { Column(text: text, kind: .number) }
    static func actions(_ text: String) -> Column { Column(text: text, kind: .actions) }

    fileprivate var head: HTML {
        th(.scope("col"), .if(kind == .number, .class("number"))) {
            if kind == .actions { visuallyHidden(text) } else { text }
        }
    }

    /// The column's cell of a row. Where rows become cards, it says its column's name, unless that goes without saying.
    fileprivate func cell(_ content: HTML) -> HTML {
        switch kind {
        case .name: th(.scope("row")) { content }
        case .text: td(.data("label", text)) { content }
        case .number: td(.class("number"), .data("label", text)) { content }
        case .actions: td(.class("actions-cell")) { content }
        }
    }
}

/// The contents of a row's cells, one for each column: texts, pieces of HTML, or several of them in `cell { }`.
@resultBuilder
enum CellBuilder {
    static func buildExpression(_ text: String) -> [HTML] { [HTML(text)] }
    static func buildExpression(_ html: HTML) -> [HTML] { [html] }
    static func buildBlock(_ cells: [HTML]...) -> [HTML] { cells.flatMap(\.self) }
    static func buildOptional(_ cells: [HTML]?) -> [HTML] { cells ?? [] }
    static func buildArray(_ cells: [[HTML]]) -> [HTML] { cells.flatMap(\.self) }
}

/// What stands in one cell.
func cell(@HTMLBuilder content: Content) -> HTML { content() }

/// A list as a table, a row for each of its things. Where the table has no room, its rows become cards: `.table-wrap` in the
/// stylesheet.
/// - Parameters:
///   - name: `.labelledBy` of a heading, or `.ariaLabel`.
///   - cells: what a row holds, in the order of the columns.
func dataTable<Item>(
    _ name: Attribute, _ columns: [Column], of items: some Sequence<Item>, @CellBuilder cells: (Item) -> [HTML]
) -> HTML {
    dataTable(name, columns) {
        for item in items { tr { for (column, content) in zip(columns, cells(item)) { column.cell(content) } } }
    }
}

/// The same with rows of its own; there `.data("label", …)` names a cell.
/// - Parameter summary: whether its columns are of one width from table to table.
func dataTable(_ name: Attribute, _ columns: [Column], isSummary: Bool = false, @HTMLBuilder rows: Content) -> HTML {
    dataTable(name, isSummary: isSummary, rows: rows) { for column in columns { column.head } }
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
