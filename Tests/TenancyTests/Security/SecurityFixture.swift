/// Rows of two scopes: 1 is what the callers of `Caller` have to do with, 2 is somebody else's, 3 and 4 are archived.
enum SecurityFixture {
    /// Fills a fresh institution, and takes away keys and unique indexes: a cell says what grants and policies allow, not
    /// what hangs on a row or is there already.
    static func fill(_ stage: Stage) async throws {
        let sessions = [1, 2, 3, 4, 5, 11, 12, 13, 14, 15].map {
            "('\(Caller.hash(session: $0))', \($0), now() + interval '1 hour')"
        }
        try await stage.script(
            """
            \(rows)
            insert into sessions (token_hash, account_id, expires_at) values \(sessions.joined(separator: ", ")),
              ('\(Caller.hash(session: 99))', 15, now() - interval '8 days');
            insert into api_tokens (token_hash, name, scopes, maker_id, expires_at) values
              ('\(Caller.hash(token: 1))', 'own', '{read,write}', 1, now() + interval '1 day'),
              ('\(Caller.hash(token: 2))', 'other', '{read}', 11, now() + interval '1 day');
            """)
        let drops = try await stage.values(
            """
            select format('alter table %s drop constraint %I', conrelid::regclass, conname) from pg_constraint
            where connamespace = '\(stage.schema)'::regnamespace and contype in ('f', 'p', 'u')
            order by contype <> 'f'
            """)
        try await stage.script(drops.joined(separator: ";\n"))
        let indexes = try await stage.values(
            """
            select format('drop index %s', indexrelid::regclass) from pg_index i join pg_class c on c.oid = i.indexrelid
            where c.relnamespace = '\(stage.schema)'::regnamespace and i.indisunique
            """)
        try await stage.script(indexes.joined(separator: ";\n"))
        // one of each pair is not for students, so that nothing is carried on what has no keys any more
        try await stage.script(
            """
            update milestones set shared_id = 9 where id in (3, 6);
            update milestones set shared_id = 10 where id in (4, 5);
            """)
    }

    static let rows = """
        insert into accounts (id, email, given_name, role) overriding system value values
          (1, 'a1@x.edu', 'A', 'admin'), (2, 'd2@x.edu', 'D', 'director'), (3, 'm3@x.edu', 'M', 'manager'),
          (4, 's4@x.edu', 'S', 'staff'), (5, 't5@x.edu', 'T', 'student'),
          (11, 'a11@x.edu', 'A', 'admin'), (12, 'd12@x.edu', 'D', 'director'), (13, 'm13@x.edu', 'M', 'manager'),
          (14, 's14@x.edu', 'S', 'staff'), (15, 't15@x.edu', 'T', 'student'), (16, 't16@x.edu', 'T', 'student'),
          (17, 's17@x.edu', 'S', 'staff'), (18, 's18@x.edu', 'S', 'staff');
        update accounts set preferred_name = 'P' || id, student_number = 'N' || id;
        insert into cards (account_id, account_role, published) values
          (1, 'admin', true), (2, 'director', true), (3, 'manager', true), (4, 'staff', true),
          (12, 'director', true), (13, 'manager', true), (14, 'staff', false), (18, 'staff', true);
        insert into departments (id, name) overriding system value values (1, 'One'), (2, 'Two');
        insert into department_directors (department_id, account_id) values (1, 2), (2, 12);
        insert into groups (id, name, department_id, archived_at) overriding system value values
          (1, 'One', 1, null), (2, 'Two', 2, null), (3, 'Three', 1, null), (4, 'Gone', 1, now());
        insert into group_members (group_id, account_id, account_role, manager) values
          (1, 3, 'manager', true), (1, 4, 'staff', false), (1, 17, 'staff', false), (2, 13, 'manager', true),
          (2, 14, 'staff', false), (2, 12, 'director', false), (3, 17, 'staff', true), (4, 4, 'staff', false), (4, 18, 'staff', false);
        insert into cohort_categories (id, name) overriding system value values (1, 'One'), (2, 'Two');
        insert into cohorts (id, category_id, name, archived_at, created_by) overriding system value values
          (1, 1, 'One', null, 12), (2, 2, 'Two', null, 2), (3, 2, 'Of an archived group', null, 3),
          (4, 1, 'Archived', now() - interval '100 days', 2);
        insert into cohort_groups values (1, 1), (2, 2), (3, 4), (4, 1);
        insert into enrollments (cohort_id, student_id, joined_at, left_at)
          select c, s, now() - interval '30 days', l from (values
            (1, 5, null), (1, 16, null), (2, 15, null), (3, 15, null), (4, 5, null), (2, 5, now()), (1, 15, now())) x (c, s, l);
        insert into milestones (id, cohort_id, title, completion, saved) overriding system value values
          (1, 1, 'One', 'student', true), (2, 2, 'Two', 'staff', true), (3, 1, 'Unsaved', 'staff', false),
          (4, 3, 'Three', 'staff', true), (5, 4, 'Archived', 'staff', true), (6, 1, 'Six', 'staff', true),
          (7, 1, 'Seven', 'staff', true), (8, 2, 'Eight', 'staff', true);
        update milestones set due_on = current_date + 2, reminders = '{7}', changed_at = now() - interval '30 days'
          where id in (1, 6);
        insert into milestone_files (id, cohort_id, milestone_id, milestone_saved, name, content_type, complete, created_at)
          overriding system value values
          (1, 1, 1, true, 'one', 'text/plain', true, now()), (2, 2, 2, true, 'two', 'text/plain', true, now()),
          (3, 1, 1, true, 'part', 'text/plain', false, now() - interval '2 days'),
          (4, 1, 3, false, 'unsaved', 'text/plain', true, now() - interval '2 days'),
          (5, 1, 1, true, 'new part', 'text/plain', false, now());
        insert into file_chunks (file_id, n, cohort_id, milestone_saved, bytes)
          select id, 0, cohort_id, milestone_saved, '\\x01' from milestone_files;
        insert into progress (milestone_id, student_id, cohort_id, enrolled, completion, status) values
          (1, 5, 1, true, 'student', 'submitted'), (6, 5, 1, true, 'staff', 'completed'),
          (7, 5, 1, true, 'staff', 'returned'),
          (1, 16, 1, true, 'student', 'submitted'), (2, 15, 2, true, 'staff', 'submitted'),
          (2, 5, 2, false, 'staff', 'submitted'), (1, 15, 1, false, 'student', 'submitted'),
          (4, 15, 3, true, 'staff', 'submitted');
        insert into progress_events (milestone_id, student_id, cohort_id, enrolled, actor_id, from_status, to_status)
          select milestone_id, student_id, cohort_id, enrolled,
                 case milestone_id when 6 then 17 when 2 then 18 end, 'open', status from progress;
        insert into extensions (milestone_id, student_id, cohort_id, enrolled, status, due_on, asked_for) values
          (7, 5, 1, true, 'asked', current_date + 1, current_date + 9), (7, 16, 1, true, 'asked', null, current_date + 9),
          (8, 15, 2, true, 'asked', current_date + 1, current_date + 9),
          (2, 5, 2, false, 'asked', current_date + 1, current_date + 9),
          (1, 15, 1, false, 'asked', current_date + 1, current_date + 9);
        insert into extension_events (milestone_id, student_id, cohort_id, enrolled, actor_id, status, due_on)
          select milestone_id, student_id, cohort_id, enrolled, student_id, status, asked_for from extensions;
        insert into submission_files
          (id, cohort_id, milestone_id, milestone_saved, student_id, enrolled, event_id, name, content_type, created_at)
          overriding system value values
          (1, 1, 1, true, 5, true, 1, 'one', 'text/plain', now()), (2, 2, 2, true, 15, true, 2, 'two', 'text/plain', now()),
          (3, 1, 1, true, 16, true, 3, 'mate', 'text/plain', now() - interval '2 days'),
          (4, 2, 2, true, 5, false, 4, 'left', 'text/plain', now()), (5, 1, 1, true, 15, false, 5, 'gone', 'text/plain', now()),
          (6, 1, 1, true, 5, true, null, 'part', 'text/plain', now() - interval '2 days'),
          (7, 1, 1, true, 5, true, null, 'new part', 'text/plain', now()),
          (8, 4, 5, true, 5, true, 1, 'of an archived cohort', 'text/plain', now());
        insert into submission_chunks (file_id, n, cohort_id, student_id, enrolled, bytes)
          select id, 0, cohort_id, student_id, enrolled, '\\x01' from submission_files;
        insert into mails (account_id, kind, day, since, message_id, state, due_at, settled_at) values
          (5, 'reminder', current_date, current_date - 1, 'a', 'failed', null, now()),
          (15, 'reminder', current_date, current_date - 1, 'b', 'waiting', now(), null),
          (15, 'reminder', current_date - 500, current_date - 501, 'c', 'sent', null, now() - interval '500 days'),
          (16, 'invitation', current_date, current_date - 1, 'd', 'sent', null, now());
        update mails set milestone_ids = '{1,2}' where message_id = 'c';
        insert into mailed_reports (id, report, weekday, hour, recipients) overriding system value values
          (1, 'staff-load', 1, 8, '{1}'), (2, 'staff-load', 2, 9, '{11}');
        insert into reset_requests (address) values ('t5@x.edu'), ('nobody@x.edu');
        insert into mail_preferences (account_id, requests) select id, id = 4 from accounts;
        insert into inbox_reads (account_id, entry, at) select id, 'x', now() from accounts where id in (1, 2, 3, 4, 5, 15)
          union all select 15, 'old', now() - interval '200 days' union all select 15, '', now() - interval '200 days';
        insert into mail_templates (language, subject, opening, closing) values ('en', 's', 'o', 'c');
        insert into request_templates (language, subject, opening, closing) values ('en', 's', 'o', 'c');
        insert into invitations (secret_hash, account_id, expires_at) values
          (sha256('1'), 16, now() + interval '1 day'), (sha256('2'), 15, now() - interval '500 days');
        insert into sign_in_attempts (key, window_start) values ('\\x01', now()), ('\\x02', now() - interval '60 days');
        insert into sign_ins (account_id) values (5), (15);
        update identity_providers set enabled = true, issuer = 'https://idp', client_id = 'c', sealed_secret = 'v1.sealed';
        insert into identities (issuer, subject, account_id) values ('https://idp', 's16', 16), ('https://idp', 's15', 15);
        insert into awaited_identities (account_id) values (16), (15);
        insert into spent_sign_ins (secret_hash, spent_at) values
          (sha256('old'), now() - interval '2 days'), (sha256('new'), now());
        insert into authenticators (account_id, seed, confirmed_at) values (1, 'v1', now()), (4, 'v1', now()), (15, 'v1', null);
        insert into sign_in_challenges (secret_hash, account_id, checked, expires_at) values
          (sha256('1'), 4, sha256('c'), now() - interval '1 hour'), (sha256('2'), 15, sha256('c'), now() + interval '1 hour');
        insert into saved_views (account_id, name, query)
          select id, 'Mine', 'overdue=true' from accounts where id in (1, 2, 3, 4, 5, 15);
        insert into calendar_feeds (account_id, token_hash, language)
          select id, sha256(convert_to('feed ' || id, 'UTF8')), 'en' from accounts where id in (1, 2, 3, 4, 5, 15);
        insert into roster_records (kind, sourced_id, department_id) values ('org', 'one', 1), ('org', 'two', 2);
        update roster_sources set base_url = 'https://r', token_url = 'https://r/t', client_id = 'c', sealed_secret = 'v1.sealed';
        insert into roster_runs (state, ended_at, account_id) values
          ('done', now() - interval '500 days', 1), ('done', now(), null);
        insert into folder_files (name, state, started_at, ended_at, fault, account_id) values
          ('old.csv', 'done', now(), now() - interval '500 days', null, 1), ('new.csv', 'done', now(), now(), null, null),
          ('asked.csv', 'waiting', now(), null, 'stopped', null);
        insert into scim_users (user_name) values ('one'), ('two');
        insert into scim_groups (display_name) values ('one'), ('two'), ('three');
        insert into scim_members (scim_group_id, scim_user_id) values (1, 1), (2, 2);
        insert into scim_subgroups (scim_group_id, member_id) values (1, 2), (2, 3);
        insert into scim_group_rules (scim_group_id, role) values (1, 'staff'), (2, 'student');
        insert into import_columns (heading, field) values ('one', 'email'), ('two', null);
        insert into uploads (id, account_id, name, expires_at) overriding system value values
          (1, 1, 'one', now() + interval '1 hour'), (2, 15, 'two', now() + interval '1 hour'),
          (3, 1, 'old', now() - interval '1 hour'), (4, 15, 'older', now() - interval '2 hours'),
          (5, 5, 'of the owner''s account', now() + interval '1 hour');
        insert into upload_pieces (upload_id, n, account_id, bytes) select id, 0, account_id, '\\x01' from uploads;
        insert into idempotency_keys (account_id, route, key, body_hash, created_at)
          select id, 'r', 'k', sha256('b'), now() - case when id = 15 then interval '2 days' else '0' end
          from accounts where id in (1, 2, 3, 4, 5, 15);
        insert into idempotency_pieces (account_id, route, key, n, bytes)
          select account_id, route, key, 1, '\\x01' from idempotency_keys;
        insert into audit (actor_id, actor_role, action, subject)
          select id, role, 'test', 'account/' || id from accounts where id in (1, 2, 3, 4, 5, 15);
        insert into audit (id, at, actor_id, actor_role, action, subject) overriding system value values
          (1000, now() - interval '500 days', 15, 'student', 'test', 'account/15'),
          (1001, now() - interval '500 days', 15, 'admin', 'attachment.create', 'cohort/1');
        update settings set student_visibility = true, cohort_delegation = true, keep_audit_days = 400, keep_files_days = 30;
        """
}
