/// Of how many rows a view shows some, counted past it.
extension Plots {
    /// All rows a view could show, with the columns its condition needs; nil for a table, which is asked itself.
    static func universe(_ view: String) -> String? {
        switch view {
        case "my_cohorts": "cohorts"
        case "assignments":
            "(select e.* from enrollments e join milestones m using (cohort_id) where e.active and m.saved)"
        case "my_assignments":
            "(select e.* from enrollments e join milestones m using (cohort_id) where e.active and m.saved and student_id = 5)"
        case "my_progress":
            """
            (select cohort_id from enrollments e left join progress p using (cohort_id, student_id)
             where e.active and student_id = 5)
            """
        case "report_progress":
            """
            (select e.* from enrollments e join milestones m using (cohort_id) join cohorts c on c.id = e.cohort_id
             where e.active and m.saved and c.archived_at is null)
            """
        case "my_students": "(select cohort_id from enrollments where active)"
        case "students", "caseload": "(select id from accounts where role = 'student')"
        case "reasons":
            "(select e.cohort_id from enrollments e join cohort_groups l using (cohort_id) where e.active)"
        case "waiting":
            """
            (select p.cohort_id from progress p join cohorts c on c.id = p.cohort_id and c.archived_at is null
             where status = 'submitted' and enrolled)
            """
        case "caseload_progress":
            """
            (select p.cohort_id from progress p join cohorts c on c.id = p.cohort_id and c.archived_at is null
             where enrolled)
            """
        case "caseload_extensions":
            """
            (select x.cohort_id from extensions x join cohorts c on c.id = x.cohort_id and c.archived_at is null
             where enrolled and due_on is not null)
            """
        case "waiting_extensions":
            """
            (select x.cohort_id from extensions x join cohorts c on c.id = x.cohort_id and c.archived_at is null
             where status = 'asked' and enrolled)
            """
        case "contacts":
            """
            (select v.cohort_id from progress_events v join cohorts c on c.id = v.cohort_id and c.archived_at is null
             where enrolled and actor_id <> student_id)
            """
        case "directory":
            """
            (select k.account_id is not null as carded
             from accounts a left join cards k on k.account_id = a.id and published where role <> 'student')
            """
        case "inbox": "(select cohort_id from progress_events union all select cohort_id from progress)"
        case "unanswered":
            "(select p.cohort_id from progress p where p.status = 'submitted' and p.enrolled and p.cohort_id not in (1, 2))"
        case "worked_milestones":
            """
            (select cohort_id from milestones m where exists (select from progress p where p.milestone_id = m.id)
               or exists (select from extensions x where x.milestone_id = m.id))
            """
        case "sharing": "(select cohort_id from milestones where shared_id is not null)"
        case "sent_reminders":
            """
            (select m.cohort_id from milestones m join mails l on l.state = 'sent' and l.milestone_ids @> array[m.id]
             group by m.cohort_id, m.id, l.since, l.day)
            """
        case "group_people": "group_members"
        case "memberships":
            "(select m.* from group_members m join groups g on g.id = m.group_id where archived_at is null)"
        case "support_network":
            """
            (select l.cohort_id, k.account_id is not null as carded from cohort_groups l
             join groups g on g.id = l.group_id and archived_at is null join group_members m on m.group_id = g.id
             left join cards k on k.account_id = m.account_id and published)
            """
        case "my_support_network":
            """
            (select m.group_id, k.account_id is not null as carded from group_members m
             join groups g on g.id = m.group_id and archived_at is null
             left join cards k on k.account_id = m.account_id and published)
            """
        case "report_support":
            """
            (select l.cohort_id from cohort_groups l join cohorts c on c.id = l.cohort_id and c.archived_at is null
             join groups g on g.id = l.group_id and g.archived_at is null left join group_members m using (group_id))
            """
        case "report_answers": "progress_events"
        case "report_requests": "(select cohort_id from progress_events where to_status = 'submitted')"
        case "report_extensions": "extensions"
        case "report_cohorts": "(select id as cohort_id from cohorts)"
        case "report_students": "(select id as student_id from accounts where role = 'student')"
        case "report_imports": "(select 'roster' as kind from roster_runs union all select 'folder' from folder_files)"
        case "report_audit": "audit"
        case "mail_recipients", "invitation_states": "accounts"
        case "reset_recipients":
            """
            (select id from accounts a where status = 'active'
               and (password_hash is not null or exists (select from invitations i where i.account_id = a.id)))
            """
        case "due_requests":
            """
            (select milestone_id from progress where cohort_id = 1 and enrolled and status = 'submitted'
             union all select milestone_id from extensions where cohort_id = 1 and enrolled and status = 'asked')
            """
        case "setup", "file_usage", "due_reminders": "(values (1))"
        default: nil
        }
    }
}
