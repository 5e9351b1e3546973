import Postgres

extension Permission {
    /// One student's progress on a milestone, and the step the caller is about to take. A role that may never take the step is
    /// refused before anybody looks whether there is anything to take it on.
    public static func progress(milestone: Int, student: Int, _ action: ProgressAction) -> Permission {
        let assignment: SQL =
            "from \(ProgressEntry.everything) a where milestone_id = \(milestone) and student_id = \(student)"
        let never: SQL = """
            (case when waymark.is_student() then not \(action.isForStudents)::boolean else not \(action.isForStaff)::boolean end)
            """
        let row: SQL = "select where " + never + " union all select " + assignment
        let editable: SQL =
            "not " + never + " and coalesce((select case when waymark.is_student()"
            + " then \(action != .complete)::boolean or completion = 'student'"
            + " else waymark.may_act_in_cohort(cohort_id) end " + assignment + "), false)"
        return Permission(row, editable: editable)
    }
}
