import Tenancy

/// Text keys of the pages of reports.
enum ReportText: String, TextKey {
    static let feature = "reports"

    case intro, report, question, views, viewsText, column, meaning, file, narrow, from, to, nothing, everything, first,
        chartFirst, weekly, weeklyText, weeklyNew, weeklyAdd, weeklyOne, weeklyNext, weeklyShow, weeklyChange,
        weeklyEnd,
        weeklyEndText,
        weekday, hour, recipients, monday, tuesday, wednesday, thursday, friday, saturday, sunday
}

/// What each report of `sql/reports` is called, and what it answers, as at the head of its file.
enum ReportTitle: String, TextKey {
    static let feature = "report-titles"

    case answersByMonth = "answers-by-month"
    case enrollmentsByMonth = "enrollments-by-month"
    case mailByDay = "mail-by-day"
    case milestoneProgress = "milestone-progress"
    case overdueByGroup = "overdue-by-group"
    case progressByCohort = "progress-by-cohort"
    case requestsByAge = "requests-by-age"
    case signInsByCohort = "sign-ins-by-cohort"
    case staffLoad = "staff-load"
    case studentsBehind = "students-behind"
    case timeToCompletion = "time-to-completion"
}

/// How a report counts, where that is not plain.
enum ReportNote: String, TextKey {
    static let feature = "report-notes"

    case answersByMonth = "answers-by-month"
    case enrollmentsByMonth = "enrollments-by-month"
    case milestoneProgress = "milestone-progress"
    case overdueByGroup = "overdue-by-group"
    case progressByCohort = "progress-by-cohort"
    case staffLoad = "staff-load"
    case studentsBehind = "students-behind"
    case timeToCompletion = "time-to-completion"
}

/// The columns of reports.
enum ReportColumn: String, TextKey {
    static let feature = "report-columns"

    case month, answers, returned, joined, day, kind, planned, sent, failed, category, cohort, milestone,
        students, completed, submitted, overdue, department, assignments, waiting, older, name, role, cohorts,
        student, email
    case percentReturned = "percent_returned"
    case medianHours = "median_hours"
    case leftCohort = "left_cohort"
    case enrolledAtEnd = "enrolled_at_end"
    case notNeeded = "not_needed"
    case onItsWay = "on_its_way"
    case firstDueOn = "first_due_on"
    case percentCompleted = "percent_completed"
    case groupName = "group_name"
    case studentsBehind = "students_behind"
    case oldestDueOn = "oldest_due_on"
    case upTo2Days = "up_to_2_days"
    case upTo7Days = "up_to_7_days"
    case oldestRequest = "oldest_request"
    case neverSignedIn = "never_signed_in"
    case notFor30Days = "not_for_30_days"
    case percentNever = "percent_never"
    case answered30Days = "answered_30_days"
    case studentNumber = "student_number"
    case lastSignIn = "last_sign_in"
    case fastestDays = "fastest_days"
    case medianDays = "median_days"
    case slowestDays = "slowest_days"
}

/// A report nobody has translated speaks as its file does.
extension Catalogue {
    /// What a report is called.
    func title(of report: Report) -> String { String(sentence(of: report).prefix { $0 != ":" }) }

    /// The question that a report answers, as a sentence.
    func question(of report: Report) -> String {
        let question = sentence(of: report).drop { $0 != ":" }.drop { $0 == ":" || $0 == " " }
        return question.prefix(1).uppercased() + question.dropFirst()
    }

    /// How a report counts; nil where that is plain.
    func note(of report: Report) -> String? {
        if let key = ReportNote(rawValue: report.name) { return self[key] }
        return report.note.isEmpty ? nil : report.note
    }

    /// What a column of a report is called.
    func column(_ name: String) -> String { ReportColumn(rawValue: name).map { self[$0] } ?? name }

    private func sentence(of report: Report) -> String {
        ReportTitle(rawValue: report.name).map { self[$0] } ?? report.title
    }
}
