import Casework
import Foundation

/// What a table of cohorts or groups is sorted by.
enum OverviewColumn: String, CaseIterable {
    case name, students, plan, change, overdue, share, waiting, oldest, done

    /// Whether people look for its greatest values first.
    var startsDescending: Bool {
        switch self {
        case .name, .plan, .change, .oldest, .done: false
        case .students, .overdue, .share, .waiting: true
        }
    }

    var text: ProgressText {
        switch self {
        case .name: .cohort
        case .students: .students
        case .plan: .plan
        case .change: .change
        case .overdue: .overdue
        case .share: .shareOverdue
        case .waiting: .waitingShort
        case .oldest: .oldest
        case .done: .completedHead
        }
    }

    /// The number that rows are sorted by; nil where there is none, which stands last.
    func number(of row: CaseloadSummary) -> Double? {
        switch self {
        case .name: 0
        case .students: Double(row.students)
        case .plan: row.planPercent.map(Double.init)
        case .change: row.change.map(Double.init)
        case .overdue: Double(row.overdue)
        case .share: row.overduePercent.map(Double.init)
        case .waiting: Double(row.waiting)
        case .oldest: row.oldest?.timeIntervalSince1970
        case .done: row.completedPercent.map(Double.init)
        }
    }
}

/// The order of an overview's tables: `plan`, or `-plan` for the greatest first. Ties stay as they came, by name.
struct OverviewOrder: Equatable {
    let column: OverviewColumn
    let isDescending: Bool

    /// As they come: by category or department, and name.
    static let first = OverviewOrder(column: .name, isDescending: false)

    var text: String { isDescending ? "-\(column.rawValue)" : column.rawValue }

    func sorted(_ rows: [CaseloadSummary]) -> [CaseloadSummary] {
        if column == .name { return isDescending ? rows.reversed() : rows }
        let known = rows.enumerated().filter { column.number(of: $0.element) != nil }
            .sorted { one, other in
                let (a, b) = (column.number(of: one.element) ?? 0, column.number(of: other.element) ?? 0)
                return a == b ? one.offset < other.offset : isDescending ? a > b : a < b
            }
        return known.map(\.element) + rows.filter { column.number(of: $0) == nil }
    }
}

/// What the address of the overview asks for.
struct OverviewAddress {
    let filter: OverviewFilter
    /// Nil where it says none: as the rows come.
    let order: OverviewOrder?

    /// Reads the parameters of the query string.
    init(_ fields: inout Fields) {
        filter = OverviewFilter(&fields)
        order = fields.optional("sort", .overviewOrder)
    }

    /// The same in another order.
    func sorted(_ order: OverviewOrder) -> String { page("/overview", order) }

    /// The same cohorts, today and over time.
    func tabs(_ words: Catalogue, isCourse: Bool) -> HTML {
        Web.tabs(
            words[ProgressText.overview],
            [
                Tab(text: words[ProgressText.standing], address: page("/overview", order), isCurrent: !isCourse),
                Tab(text: words[ProgressText.overTime], address: page("/overview/course", order), isCurrent: isCourse),
            ])
    }

    /// The same as a file.
    var file: String { page("/overview.csv", order) }

    private func page(_ path: String, _ order: OverviewOrder?) -> String {
        var parameters: [String] = []
        if let id = filter.categoryID { parameters.append("categoryId=\(id)") }
        if filter.days != OverviewFilter().days { parameters.append("days=\(filter.days)") }
        if let order, order != .first { parameters.append("sort=\(order.text)") }
        return parameters.isEmpty ? path : "\(path)?\(parameters.joined(separator: "&"))"
    }
}

extension FieldRule where Value == OverviewOrder {
    fileprivate static var overviewOrder: FieldRule {
        FieldRule(placeholder: .first) { (text) throws(Refusal) in
            let name = text.hasPrefix("-") ? String(text.dropFirst()) : text
            guard let column = OverviewColumn(rawValue: name) else {
                throw Refusal(.notAChoice, ["choices": .list(OverviewColumn.allCases.map(\.rawValue))])
            }
            return OverviewOrder(column: column, isDescending: text.hasPrefix("-"))
        }
    }
}
