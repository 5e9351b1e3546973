/// What "own scope" means for each relation in `SecurityFixture`, and the statements that try it.
enum Plots {
    /// The condition that tells own rows from others, by columns the caller may read.
    static func own(_ relation: String, _ caller: Caller) -> String? {
        let me = caller.account
        return switch (relation, caller) {
        case ("settings", _), ("setup", _), ("file_usage", _), ("due_reminders", _), ("due_requests", _),
            ("mail_recipients", _), ("sign_ins", _), ("mail_templates", _), ("request_templates", _),
            ("reset_requests", _), ("reset_recipients", _), ("authenticators", _), ("invitation_states", _),
            ("roster_rules", _), ("identity_providers", _), ("scim_rules", _), ("roster_sources", _),
            ("import_folders", _):
            "true"
        case ("identities", _), ("awaited_identities", _): "account_id = 16"
        case ("spent_sign_ins", _): "spent_at < now() - interval '1 day'"
        case ("turns", _): "work = 'reminders'"
        case ("mailed_reports", _): "id = 1"
        case ("import_columns", _): "heading = 'one'"
        case ("roster_records", _): "sourced_id = 'one'"
        case ("folder_files", .admin), ("folder_files", .token): "state = 'waiting'"
        case ("roster_runs", _), ("folder_files", _): "coalesce(ended_at < now() - interval '400 days', false)"
        case ("scim_users", _), ("scim_groups", _): "id = 1"
        case ("scim_members", _), ("scim_subgroups", _), ("scim_group_rules", _): "scim_group_id = 1"
        case ("uploads", .system): "expires_at < now()"
        case ("uploads", _): "account_id = \(me) and expires_at > now()"
        case ("accounts", _): "id = \(me)"
        case ("cards", .director): "account_id in (2, 4)"
        case ("cards", .manager): "account_id in (3, 4)"
        case ("cards", .admin), ("cards", .token): "account_id = 1"
        case ("cards", _): "account_id = 4"
        case ("department_directors", _): "department_id = 1"
        case ("groups", .director): "department_id = 1"
        case ("group_members", .director): "group_id in (1, 3)"
        case ("departments", _), ("groups", _), ("cohort_categories", _), ("cohorts", _), ("my_cohorts", _),
            ("counted_cohorts", _):
            "id = 1"
        case ("group_members", _): "group_id = 1"
        case ("enrollments", .student), ("assignments", .student): "cohort_id = 1 and student_id = 5"
        case ("enrollments", _): "cohort_id = 1 and active"
        case ("milestones", .student): "cohort_id = 1 and saved"
        case ("milestone_files", .system): "not complete and created_at < now() - interval '1 day'"
        case ("milestone_files", .student): "cohort_id = 1 and milestone_saved and complete"
        case ("file_chunks", .student): "cohort_id = 1 and milestone_saved"
        case ("progress", .student), ("progress_events", .student): "cohort_id = 1 and enrolled and student_id = 5"
        case ("extensions", .student), ("extension_events", .student):
            "cohort_id = 1 and enrolled and student_id = 5"
        case ("progress", _), ("progress_events", _), ("extensions", _), ("extension_events", _):
            "cohort_id = 1 and enrolled"
        case ("file_space", _): "true"
        case ("inbox_reads", .system): "entry <> '' and at < now() - interval '100 days'"
        case ("inbox", _), ("unanswered", _): "cohort_id = 1"
        case ("submission_files", .system): "event_id is null and created_at < now() - interval '1 day' or id = 8"
        case ("submission_files", .student), ("submission_chunks", .student): "cohort_id = 1 and student_id = 5"
        case ("submission_files", _), ("submission_chunks", _): "cohort_id = 1 and enrolled"
        case ("mails", .system): "coalesce(settled_at < now() - interval '400 days', false)"
        case ("mails", _): "state = 'failed'"
        case ("sign_in_challenges", _): "expires_at < now()"
        case ("sessions", .system): "expires_at < now() - interval '7 days'"
        case ("api_tokens", _): "maker_id = 1"
        case ("invitations", .system): "expires_at < now() - interval '400 days'"
        case ("invitations", _): "account_id = 16"
        case ("idempotency_keys", .system): "created_at < now() - interval '24 hours'"
        case ("sessions", _), ("idempotency_keys", _), ("idempotency_pieces", _),
            ("saved_views", _), ("mail_preferences", _), ("calendar_feeds", _), ("inbox_reads", _),
            ("upload_pieces", _):
            "account_id = \(me)"
        case ("sign_in_attempts", _): "window_start < now() - interval '50 days'"
        case ("audit", .system): "id = 1000"
        case ("audit", _): "actor_id = \(me)"
        case ("directory", _): "carded"
        case ("memberships", _): "account_id in (3, 4, 12, 13)"
        case ("group_people", .director): "group_id in (1, 3)"
        case ("group_people", _): "group_id = 1"
        case ("support_network", .student): "cohort_id = 1 and carded"
        case ("my_support_network", _): "group_id = 1 and carded"
        case ("students", .student): "id = 5"
        case ("students", _), ("caseload", _): "id in (5, 16)"
        case ("report_answers", _), ("report_requests", _), ("report_extensions", _), ("report_cohorts", _):
            "cohort_id = 1"
        case ("report_sign_ins", _), ("report_mails", _): "account_id = 5"
        case ("report_students", _): "student_id = 5"
        case ("report_imports", _): "kind = 'folder'"
        case ("report_audit", _): "actor_id = 5"
        case ("cohort_groups", _), ("milestones", _), ("milestone_files", _), ("file_chunks", _), ("my_students", _),
            ("support_network", _), ("assignments", _), ("my_assignments", _), ("my_progress", _), ("waiting", _),
            ("worked_milestones", _), ("reasons", _), ("caseload_progress", _), ("contacts", _), ("report_progress", _),
            ("report_support", _), ("report_enrollments", _), ("caseload_extensions", _), ("waiting_extensions", _),
            ("sent_reminders", _), ("sharing", _):
            "cohort_id = 1"
        default: nil
        }
    }

    /// The audience that gives the widest scope for a relation.
    static func audience(_ relation: String, _ caller: Caller) -> String {
        switch relation {
        case "cards", "group_people": caller == .student ? "student" : "staff"
        default: "progress"
        }
    }

    /// What an update sets; constant, so that no SELECT privilege is needed.
    static func assignment(_ table: String, _ caller: Caller) -> String? {
        switch table {
        case "mail_templates", "request_templates": "subject = 'X'"
        case "identity_providers": "label = 'X'"
        case "identities": "used_at = now()"
        case "awaited_identities": "made_at = now()"
        case "spent_sign_ins": "spent_at = now()"
        case "settings", "departments", "cohort_categories": "name = 'X'"
        case "accounts": "given_name = 'X'"
        case "cards", "milestones": "title = 'X'"
        case "department_directors": "account_role = 'director'"
        case "groups": "description = 'X'"
        case "group_members": "manager = false"
        case "cohorts": "goal = 'X'"
        case "cohort_groups": "group_id = 1"
        case "enrollments": "contact_id = 4"
        case "milestone_files": "name = 'X'"
        case "submission_files": "size = 9"
        case "file_space": "bytes = 9"
        case "inbox_reads": "at = now()"
        case "file_chunks", "submission_chunks", "idempotency_pieces", "upload_pieces": "n = 9"
        case "import_columns": "field = null"
        case "roster_records": "suspended = false"
        case "roster_rules": "class_text = 'X'"
        case "roster_sources": "done_on = current_date"
        case "roster_runs": "skipped = 1"
        case "import_folders": caller == .system ? "tries = 1" : "enabled = true"
        case "folder_files": "most_suspended = 1"
        case "scim_users": "problem = 'X'"
        case "scim_groups": "external_id = 'X'"
        case "scim_members": "scim_user_id = 1"
        case "scim_subgroups": "member_id = 1"
        case "scim_rules": "default_role = null"
        case "scim_group_rules": "role = 'manager'"
        case "uploads": "encoding = null"
        case "turns": "done_on = null"
        case "mailed_reports": "planned_until = now()"
        case "saved_views": "query = 'X'"
        case "calendar_feeds": "language = 'es'"
        case "sign_ins": "at = now()"
        case "progress": caller == .student ? "status = 'submitted'" : "status = 'returned'"
        case "progress_events", "extension_events": "comment = 'X'"
        case "extensions":
            caller == .student
                ? "status = 'asked', asked_for = current_date" : "status = 'declined', asked_for = null, comment = 'X'"
        case "mails": "state = 'waiting', due_at = now(), settled_at = null"
        case "mail_preferences": "reminders = false, requests = false"
        case "reset_requests": "asked_at = now()"
        case "sessions", "sign_in_challenges": "expires_at = now()"
        case "authenticators": "last_step = 9"
        case "api_tokens": "revoked_at = now()"
        case "invitations": "used_at = now()"
        case "sign_in_attempts": "failures = 9"
        case "idempotency_keys": "state = 'running'"
        case "audit": "action = 'X'"
        default: nil
        }
    }

    /// Columns and values of a row in own (`true`) or other scope, of the columns that callers may write.
    static func row(_ table: String, _ caller: Caller, own: Bool) -> String? {
        let scope = own ? 1 : 2
        return switch table {
        case "settings", "roster_rules", "identity_providers", "scim_rules", "roster_sources", "import_folders":
            "(id) values (1)"
        case "roster_runs": "(whole) values (true)"
        case "folder_files": "(name, state, started_at, fault) values ('n', 'waiting', now(), 'stopped')"
        case "identities": "(issuer, subject, account_id) values ('https://n', 'n', \(own ? 16 : 15))"
        case "awaited_identities": "(account_id) values (\(own ? 5 : 14))"
        case "spent_sign_ins": "(secret_hash) values (sha256('n'))"
        case "accounts":
            "(email, given_name, role) values ('new@x.edu', 'N', \(own ? "'student'" : "'staff'"))"
        case "cards":
            "(account_id, account_role, published) values (\(own ? card(caller) : 14), 'staff', true)"
        case "departments", "cohort_categories": "(name) values ('New')"
        case "department_directors": "(department_id, account_id) values (\(scope), 12)"
        case "groups": "(name, department_id) values ('New', \(scope))"
        case "group_members": "(group_id, account_id, account_role, manager) values (\(scope), 12, 'director', false)"
        case "cohorts": "(category_id, name) values (\(scope), 'New')"
        case "cohort_groups": "(cohort_id, group_id) values (\(scope), 3)"
        case "enrollments": "(cohort_id, student_id) values (\(scope), 16)"
        case "milestones": "(cohort_id, title) values (\(scope), 'New')"
        case "milestone_files":
            "(cohort_id, milestone_id, milestone_saved, name, content_type) values (\(scope), \(scope), true, 'n', 't')"
        case "file_chunks":
            "(file_id, n, cohort_id, milestone_saved, bytes) values (\(scope), 1, \(scope), true, '\\x01')"
        case "submission_files":
            """
            (cohort_id, milestone_id, milestone_saved, student_id, name, content_type)
            values (\(scope), \(scope), true, \(own ? 5 : 15), 'n', 't')
            """
        case "submission_chunks":
            "(file_id, n, cohort_id, student_id, bytes) values (\(scope), 1, \(scope), \(own ? 5 : 15), '\\x01')"
        case "file_space": "(id, bytes) values (1, 9)"
        case "inbox_reads":
            own && caller != .owner ? "(entry) values ('n')" : "(account_id, entry) values (15, 'n')"
        case "progress":
            """
            (milestone_id, student_id, cohort_id, completion, status)
            values (\(scope), 5, \(scope), 'staff', '\(caller == .student ? "submitted" : "waived")')
            """
        case "progress_events":
            """
            (milestone_id, student_id, cohort_id, from_status, to_status)
            values (\(scope), 5, \(scope), 'open', '\(caller == .student ? "submitted" : "waived")')
            """
        case "extensions":
            caller == .student
                ? """
                (milestone_id, student_id, cohort_id, status, asked_for)
                values (\(scope), 5, \(scope), 'asked', current_date)
                """
                : """
                (milestone_id, student_id, cohort_id, status, due_on)
                values (\(scope), 5, \(scope), 'granted', current_date)
                """
        case "extension_events":
            """
            (milestone_id, student_id, cohort_id, status, due_on)
            values (\(scope), 5, \(scope), '\(caller == .student ? "asked" : "granted")', current_date)
            """
        case "mails":
            """
            (account_id, kind, day, since, message_id, due_at)
            values (\(own ? 5 : 15), '\(own && invites(caller) ? "invitation" : "reminder")', current_date,
                    current_date - 1, 'n', now())
            """
        case "mail_templates", "request_templates":
            "(language, subject, opening, closing) values ('\(own ? "fr" : "it")', 's', 'o', '')"
        case "mail_preferences": "(account_id) values (\(own ? caller.account : 15))"
        case "sessions":
            "(token_hash, account_id, expires_at) values (sha256('n'), \(own ? caller.account : 15), now() + interval '1 h')"
        case "authenticators": "(account_id, seed) values (14, 's')"
        case "sign_in_challenges":
            """
            (secret_hash, account_id, checked, expires_at)
            values (sha256('n'), 15, sha256('c'), now() - interval '1 hour')
            """
        case "api_tokens" where caller == .owner:
            """
            (token_hash, name, scopes, maker_id, expires_at)
            values (sha256('n'), 'n', '{read}', 1, now() + interval '1 day')
            """
        case "api_tokens":
            "(token_hash, name, scopes, expires_at) values (sha256('n'), 'n', '{read}', now() + interval '1 day')"
        case "invitations":
            "(secret_hash, account_id, expires_at) values (sha256('n'), \(own ? 16 : 15), now() + interval '1 day')"
        case "sign_in_attempts": "(key, failures) values (sha256('n'), 1)"
        case "idempotency_keys":
            own && caller != .owner
                ? "(route, key, body_hash) values ('r', 'n', sha256('n'))"
                : "(account_id, route, key, body_hash) values (15, 'r', 'n', sha256('n'))"
        case "idempotency_pieces":
            own && caller != .owner
                ? "(route, key, n, bytes) values ('r', 'k', 5, '\\x01')"
                : "(account_id, route, key, n, bytes) values (15, 'r', 'k', 5, '\\x01')"
        case "turns": "(work) values ('X')"
        case "mailed_reports": "(report, weekday, hour, recipients) values ('n', 1, 8, '{1}')"
        case "saved_views":
            own && caller != .owner
                ? "(name, query) values ('New', '')" : "(account_id, name, query) values (15, 'New', '')"
        case "calendar_feeds":
            own && caller != .owner
                ? "(token_hash, language) values (sha256('n'), 'en')"
                : "(account_id, token_hash, language) values (15, sha256('n'), 'en')"
        case "import_columns": "(heading) values ('new')"
        case "roster_records": "(kind, sourced_id, department_id) values ('org', 'new', 1)"
        case "scim_users": "(user_name) values ('new')"
        case "scim_groups": "(display_name) values ('new')"
        case "scim_members": "(scim_group_id, scim_user_id) values (1, 2)"
        case "scim_subgroups": "(scim_group_id, member_id) values (1, 3)"
        case "scim_group_rules": "(scim_group_id, role) values (3, 'staff')"
        case "uploads":
            own && caller != .owner ? "(name) values ('n')" : "(account_id, name) values (15, 'n')"
        case "upload_pieces":
            own && caller != .owner
                ? "(upload_id, n, bytes) values (1, 5, '\\x01')"
                : "(upload_id, account_id, n, bytes) values (2, 15, 5, '\\x01')"
        case "sign_ins": "(account_id) values (15)"
        case "reset_requests": "(address) values ('n@x.edu')"
        case "audit":
            own ? "(action, subject) values ('a', 's')" : "(action, subject, actor_id) values ('a', 's', 15)"
        default: nil
        }
    }

    /// Whose own mails are those that they may write.
    private static func invites(_ caller: Caller) -> Bool { caller == .admin || caller == .token }

    private static func card(_ caller: Caller) -> Int {
        switch caller {
        case .director, .manager: 17
        case .staff: 4
        default: 1
        }
    }
}
