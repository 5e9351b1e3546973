/// What row security says beyond whose row it is: states, flags and columns. One statement each, on `SecurityFixture`.
struct Step: Sendable, CustomStringConvertible {
    let relation: String
    let caller: Caller
    let statement: String
    /// What `probe.run` answers.
    let answer: String
    /// Somebody else of the caller's role, or another audience than the relation's widest.
    let account: Int?
    let audience: String?

    var description: String { "\(caller): \(statement)" }

    init(
        _ relation: String, _ caller: Caller, _ statement: String, _ answer: String, account: Int? = nil,
        audience: String? = nil
    ) {
        self.relation = relation
        self.caller = caller
        self.statement = statement
        self.answer = answer
        self.account = account
        self.audience = audience
    }

    /// The same, done by the director 12, who is a member of group 2.
    private func byMember() -> Step {
        Step(relation, .director, statement, answer, account: 12)
    }

    private static func progress(
        _ caller: Caller, _ milestone: Int, _ student: Int, _ cohort: Int, _ completion: String, _ status: String,
        _ answer: String
    ) -> Step {
        Step(
            "progress", caller,
            """
            insert into progress (milestone_id, student_id, cohort_id, completion, status)
            values (\(milestone), \(student), \(cohort), '\(completion)', '\(status)')
            """, answer)
    }

    private static func event(_ caller: Caller, _ student: Int, _ cohort: Int, _ to: String, _ answer: String) -> Step {
        Step(
            "progress_events", caller,
            """
            insert into progress_events (milestone_id, student_id, cohort_id, from_status, to_status)
            values (1, \(student), \(cohort), 'open', '\(to)')
            """, answer)
    }

    private static func extend(_ caller: Caller, _ student: Int, _ cohort: Int, _ column: String, _ answer: String)
        -> Step
    {
        Step(
            "extensions", caller,
            """
            insert into extensions (milestone_id, student_id, cohort_id, status, \(column))
            values (6, \(student), \(cohort), '\(column == "due_on" ? "granted" : "asked")', current_date)
            """, answer)
    }

    private static func extensionEvent(
        _ caller: Caller, _ student: Int, _ cohort: Int, _ status: String, _ answer: String
    ) -> Step {
        let day = status == "asked" || status == "granted" ? "current_date" : "null"
        return Step(
            "extension_events", caller,
            """
            insert into extension_events (milestone_id, student_id, cohort_id, status, due_on)
            values (6, \(student), \(cohort), '\(status)', \(day))
            """, answer)
    }

    private static func submitted(_ student: Int, _ cohort: Int, _ answer: String) -> Step {
        Step(
            "submission_files", .student,
            """
            insert into submission_files (cohort_id, milestone_id, milestone_saved, student_id, name, content_type)
            values (\(cohort), \(cohort), true, \(student), 'n', 't')
            """, answer)
    }

    private static func chunk(_ student: Int, _ cohort: Int, _ answer: String) -> Step {
        Step(
            "submission_chunks", .student,
            """
            insert into submission_chunks (file_id, n, cohort_id, student_id, bytes)
            values (1, 1, \(cohort), \(student), '\\x01')
            """, answer)
    }

    private static func set(_ caller: Caller, _ status: String, _ answer: String) -> Step {
        Step("progress", caller, "update progress set status = '\(status)'", answer)
    }

    static let all: [Step] =
        [
            // a student: own progress of present cohorts, as far as the milestone lets a student go
            progress(.student, 6, 16, 1, "staff", "submitted", "policy"),
            progress(.student, 2, 5, 2, "staff", "submitted", "policy"),
            progress(.student, 6, 5, 1, "staff", "completed", "policy"),
            progress(.student, 1, 5, 1, "student", "completed", "1"),
            progress(.student, 6, 5, 1, "staff", "waived", "policy"),
            progress(.student, 6, 5, 1, "student", "returned", "policy"),
            set(.student, "open", "2"), set(.student, "submitted", "2"),
            set(.student, "waived", "policy"), set(.student, "returned", "policy"),
            set(.student, "completed", "policy"),
            Step("progress", .student, "update progress set status = 'completed' where milestone_id = 1", "1"),
            Step("progress", .student, "update progress set status = 'open' where student_id = 16", "0"),
            Step("progress", .student, "update progress set student_id = 16", "denied"),
            event(.student, 5, 1, "submitted", "1"), event(.student, 5, 1, "completed", "1"),
            event(.student, 16, 1, "submitted", "policy"), event(.student, 5, 2, "submitted", "policy"),
            event(.student, 5, 1, "returned", "policy"), event(.student, 5, 1, "waived", "policy"),
            // a student asks for a later date and takes that back, and never grants one
            extend(.student, 5, 1, "asked_for", "1"), extend(.student, 16, 1, "asked_for", "policy"),
            extend(.student, 5, 2, "asked_for", "policy"), extend(.student, 5, 1, "due_on", "denied"),
            Step("extensions", .student, "update extensions set due_on = current_date", "denied"),
            Step("extensions", .student, "update extensions set status = 'granted', asked_for = null", "policy"),
            Step("extensions", .student, "update extensions set status = 'withdrawn', asked_for = null", "1"),
            // staff grant and answer where members, and ask for nobody
            extend(.staff, 16, 1, "due_on", "1"), extend(.staff, 15, 2, "due_on", "policy"),
            extend(.staff, 16, 1, "asked_for", "denied"),
            Step("extensions", .staff, "update extensions set status = 'asked', asked_for = current_date", "policy"),
            Step(
                "extensions", .staff,
                "update extensions set status = 'granted', due_on = current_date, asked_for = null", "2"),
            Step("extensions", .director, "update extensions set status = 'declined', asked_for = null", "0"),
            Step("extensions", .director, "update extensions set status = 'declined', asked_for = null", "1")
                .byMember(),
            extend(.director, 5, 1, "due_on", "policy"), extend(.director, 15, 2, "due_on", "1").byMember(),
            // nobody begins with an answer that was not asked for, or with a wish taken back
            Step(
                "extensions", .student,
                "insert into extensions (milestone_id, student_id, cohort_id, status) values (6, 5, 1, 'withdrawn')",
                "policy"),
            Step(
                "extensions", .staff,
                "insert into extensions (milestone_id, student_id, cohort_id, status) values (6, 16, 1, 'declined')",
                "policy"),
            extensionEvent(.student, 5, 1, "asked", "1"), extensionEvent(.student, 5, 1, "withdrawn", "1"),
            extensionEvent(.student, 16, 1, "asked", "policy"), extensionEvent(.student, 5, 2, "asked", "policy"),
            extensionEvent(.student, 5, 1, "granted", "policy"), extensionEvent(.staff, 5, 1, "granted", "1"),
            extensionEvent(.staff, 5, 1, "asked", "policy"), extensionEvent(.staff, 15, 2, "granted", "policy"),
            extensionEvent(.director, 5, 1, "granted", "policy"),
            extensionEvent(.director, 15, 2, "granted", "1").byMember(),
            // personal contacts are named by members
            Step("enrollments", .staff, "update enrollments set left_at = now()", "denied"),
            Step("enrollments", .director, "update enrollments set contact_id = 4", "0"),
            Step("enrollments", .director, "update enrollments set contact_id = 4", "1").byMember(),
        ]
        + [
            // a student's files: own, in a cohort the student is in
            submitted(5, 1, "1"), submitted(16, 1, "policy"), submitted(5, 2, "policy"),
            chunk(5, 1, "1"), chunk(16, 1, "policy"), chunk(5, 2, "policy"),
            Step("submission_files", .student, "update submission_files set name = 'X'", "denied"),
        ]
        + [Caller.manager, .staff].flatMap { caller in
            // who answers does not submit
            [
                progress(caller, 6, 16, 1, "staff", "completed", "1"),
                progress(caller, 6, 16, 1, "staff", "waived", "1"),
                progress(caller, 6, 16, 1, "staff", "submitted", "policy"),
                progress(caller, 6, 16, 1, "staff", "open", "policy"),
                progress(caller, 4, 15, 3, "staff", "waived", "policy"),
                progress(caller, 5, 5, 4, "staff", "waived", "policy"),
                set(caller, "returned", "4"), set(caller, "completed", "4"), set(caller, "submitted", "policy"),
                event(caller, 5, 1, "returned", "1"), event(caller, 5, 1, "submitted", "policy"),
                event(caller, 15, 2, "returned", "policy"),
            ]
        }
        + [
            set(.director, "returned", "0"), progress(.director, 6, 16, 1, "staff", "waived", "policy"),
            event(.director, 5, 1, "returned", "policy"),
            // a director answers where a member
            set(.director, "returned", "1").byMember(), event(.director, 15, 2, "returned", "1").byMember(),
            progress(.director, 2, 15, 2, "staff", "waived", "1").byMember(),
            progress(.director, 6, 16, 1, "staff", "waived", "policy").byMember(),
            Step("submission_files", .director, "select count(*) from submission_files", "1").byMember(),
            Step("submission_chunks", .director, "select count(*) from submission_chunks", "1").byMember(),
            // members by managers, managers by directors, and a group stays in its department
            Step("group_members", .manager, member(1, 12, "director", manager: true), "policy"),
            Step("group_members", .director, member(1, 12, "director", manager: true), "1"),
            Step("group_members", .director, member(4, 12, "director", manager: false), "policy"),
            Step("group_members", .manager, member(3, 12, "director", manager: false), "policy"),
            Step("group_members", .manager, "delete from group_members", "2"),
            Step("group_members", .director, "delete from group_members", "4"),
            Step("group_members", .director, "update group_members set manager = true", "4"),
            Step("group_members", .director, "update group_members set group_id = 2", "denied"),
            Step("groups", .director, "update groups set department_id = 2", "policy"),
            Step("groups", .director, "update groups set department_id = null", "policy"),
            Step("groups", .director, "insert into groups (name) values ('Nobody''s')", "policy"),
            Step("cards", .staff, "update cards set account_id = 14", "denied"),
            Step("cards", .director, "insert into cards (account_id, account_role) values (2, 'director')", "1"),
            // a manager who is in a director's group is not staff
            Step("cards", .director, "insert into cards (account_id, account_role) values (3, 'manager')", "policy"),
            Step("cards", .director, "update cards set title = 'X' where account_id = 3", "0"),
            // one's own card, also where nobody's group is in question
            Step(
                "cards", .manager, "insert into cards (account_id, account_role) values (3, 'manager')", "1",
                audience: "any"),
            Step("cards", .manager, "select count(*) from cards", "1", audience: "any"),
            Step("cards", .manager, "update cards set title = 'X'", "1", audience: "any"),
            Step("cards", .director, "insert into cards (account_id, account_role) values (14, 'staff')", "policy"),
            // a new cohort is its maker's, and tells its id
            Step("cohorts", .director, returning, "1"), Step("cohorts", .manager, returning, "1"),
            Step(
                "cohorts", .director, "insert into cohorts (category_id, name, created_by) values (1, 'N', 12)",
                "denied"),
            Step("cohorts", .manager, "select count(*) from cohorts where created_by = 3", "0"),
            // a session is ended, never prolonged
            Step("sessions", .staff, "update sessions set expires_at = now() + interval '1 day'", "policy"),
            Step("sessions", .admin, "update sessions set expires_at = now() + interval '1 day'", "policy"),
            // a lost phone is taken away in person, and its seed is read by nobody
            Step("authenticators", .admin, "select seed from authenticators", "denied"),
            Step("authenticators", .admin, "delete from authenticators where account_id = 4", "1"),
            Step("authenticators", .token, "delete from authenticators", "0"),
            Step("authenticators", .staff, "select count(*) from authenticators", "denied"),
            // who signs in as whom is said by the provider and by admins in person
            Step(
                "identities", .admin, "insert into identities (issuer, subject, account_id) values ('i', 's', 1)",
                "denied"),
            Step("identities", .token, "delete from identities", "0"),
            Step("identities", .staff, "select count(*) from identities", "denied"),
            Step("awaited_identities", .token, "insert into awaited_identities (account_id) values (1)", "policy"),
            Step("identity_providers", .token, "update identity_providers set enabled = false", "0"),
            Step("identity_providers", .token, "select count(*) from identity_providers", "0"),
            Step("identity_providers", .staff, "select count(*) from identity_providers", "denied"),
            // a program changes no settings and makes nobody powerful
            Step(
                "accounts", .token,
                "insert into accounts (email, given_name, role, password_hash) values ('p@x.edu', 'P', 'student', 'h')",
                "policy"),
            Step(
                "accounts", .token, "insert into accounts (email, given_name, role) values ('p@x.edu', 'P', 'admin')",
                "policy"),
            Step("accounts", .admin, "select password_hash from accounts", "denied"),
            Step("accounts", .staff, "select search_text from accounts", "denied"),
            // a student reads the own number and preferred name, nobody else's, and searches by neither
            Step("accounts", .student, "select search_text from accounts", "denied"),
            Step("accounts", .student, "select count(preferred_name) from accounts where id <> 5", "0"),
            Step("accounts", .student, "update accounts set preferred_name = 'X'", "denied"),
            Step("directory", .student, "select count(*) from directory where search_name <> lower(name)", "0"),
            Step("my_students", .student, "select search_text from my_students", "denied"),
            Step("caseload", .student, "select search_text from caseload", "denied"),
            Step("settings", .token, "update settings set student_visibility = false", "0"),
            Step("roster_rules", .token, "update roster_rules set teacher = 'director'", "0"),
            // nobody but admins in person says where a roster comes from, and nobody says what came of it
            Step("roster_sources", .token, "update roster_sources set enabled = true", "0"),
            Step("roster_sources", .staff, "select count(*) from roster_sources", "denied"),
            Step("roster_sources", .system, "update roster_sources set base_url = 'https://x'", "denied"),
            Step("roster_runs", .token, "insert into roster_runs (whole) values (true)", "policy"),
            Step("roster_runs", .admin, "update roster_runs set state = 'done'", "denied"),
            Step("roster_runs", .admin, "delete from roster_runs", "denied"),
            // an admin in person answers for a file that waits, and changes nothing of one that is settled
            Step("import_folders", .token, "update import_folders set enabled = true", "0"),
            Step("import_folders", .token, "select count(id) from import_folders", "0"),
            Step("import_folders", .system, "update import_folders set enabled = true", "denied"),
            Step("import_folders", .admin, "select lease from import_folders", "denied"),
            Step("folder_files", .admin, "update folder_files set most_suspended = 1", "1"),
            Step("folder_files", .admin, "update folder_files set skipped = 1", "denied"),
            Step("folder_files", .admin, "delete from folder_files", "denied"),
            Step("folder_files", .token, "update folder_files set most_suspended = 1", "0"),
            Step("folder_files", .token, "select count(*) from folder_files", "0"),
            Step("folder_files", .staff, "select count(*) from folder_files", "denied"),
            // what a group makes of its members is not said by the program that fills it; an admin is made by nobody's rule
            Step("scim_rules", .token, "update scim_rules set default_role = 'student'", "0"),
            Step("scim_group_rules", .token, "update scim_group_rules set role = 'director'", "0"),
            Step(
                "scim_group_rules", .token, "insert into scim_group_rules (scim_group_id, role) values (3, 'director')",
                "policy"),
            Step("scim_group_rules", .admin, "update scim_group_rules set role = 'admin'", "error 23514"),
            // a failed mail is sent again, and is not called sent; who unsubscribes somebody subscribes nobody
            Step("mails", .admin, "update mails set state = 'sent'", "policy"),
            Step("mails", .admin, "update mails set state = 'waiting', due_at = now(), settled_at = null", "2"),
            // a program invites nobody
            Step("mails", .token, "update mails set state = 'waiting', due_at = now(), settled_at = null", "1"),
            // nobody but the background work learns who wants another password
            Step("reset_requests", .gate, "select count(*) from reset_requests", "denied"),
            Step("mail_preferences", .gate, "update mail_preferences set reminders = true, requests = false", "policy"),
            Step("mail_preferences", .gate, "update mail_preferences set reminders = false, requests = true", "policy"),
            // the audit takes what is said of oneself only
            Step("audit", .staff, "insert into audit (action, subject, at) values ('a', 's', now())", "denied"),
            Step("audit", .staff, "insert into audit (action, subject) values ('a', 's') returning id", "denied"),
            Step("audit", .admin, "delete from audit", "denied"),
            Step("audit", .system, "update audit set before = null", "denied"),
            // students are erased in person, once archived, by nobody else
            Step("accounts", .token, "select erase_student(5)", "error WM403"),
            Step("accounts", .admin, "select erase_student(5)", "false"),
            Step("accounts", .staff, "select erase_student(5)", "denied"),
            Step("accounts", .admin, "update accounts set erased_at = now()", "denied"),
            Step("idempotency_keys", .student, "select count(*) from idempotency_keys", "1"),
        ]

    private static func member(_ group: Int, _ account: Int, _ role: String, manager: Bool) -> String {
        """
        insert into group_members (group_id, account_id, account_role, manager)
        values (\(group), \(account), '\(role)', \(manager))
        """
    }

    private static let returning =
        "with n as (insert into cohorts (category_id, name) values (1, 'N') returning id) select count(*) from n"
}
