import Casework
import Foundation

/// The list of students as a CSV file, in the reader's language.
struct StudentFile {
    let words: Catalogue
    /// The institution's zone, in which the days are.
    let zone: String
    let students: [StudentStanding]

    var name: String { "\(words[StudentText.title]).csv" }

    var bytes: [UInt8] {
        var file = CSVWriter()
        let heads: [StudentText] = [
            .columnName, .columnEmail, .number, .cohorts, .columnDone, .columnOf, .columnOverdue, .columnWaiting,
            .columnSignedIn, .columnContact,
        ]
        file.row(heads.map { words[$0] })
        var style = Date.ISO8601FormatStyle(timeZone: TimeZone(identifier: zone) ?? .gmt)
        style = style.year().month().day()
        for student in students {
            let cohorts = student.cohorts.map(\.name).joined(separator: "; ")
            let numbers = [student.completed, student.total, student.overdue, student.waiting].map(String.init)
            let days = [student.signedInAt, student.contactedAt].map { $0.map { $0.formatted(style) } ?? "" }
            file.row([student.name, student.email, student.studentNumber ?? "", cohorts] + numbers + days)
        }
        return file.drain()
    }
}
