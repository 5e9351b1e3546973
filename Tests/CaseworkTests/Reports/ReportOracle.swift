/// The reports of `sql/reports` once more, over the tables and written in other ways: due dates, ages, medians and parts of a
/// hundred are worked out here, by nothing that the report views use. In the zone of `ReportGround`.
enum ReportOracle {
    private static let zone = "'Pacific/Auckland'"

    /// What students have to do, and where it stands; a status of null is where nothing was done yet.
    private static let duty = """
        duty as materialized (
          select c.id as cohort, c.name as cohort_name, e.student_id as student, m.id as milestone, m.title, p.status, p.updated_at,
                 case when x.due_on > r.day then x.due_on else r.day end as due,
                 p.status in ('submitted', 'completed', 'waived') is not true
                   and case when x.due_on > r.day then x.due_on else r.day end < (now() at time zone \(zone))::date as late
            from cohorts c
            join enrollments e on e.cohort_id = c.id and e.left_at is null
            join milestones m on m.cohort_id = c.id and m.saved
           cross join lateral (select case when m.due_after_days is null then m.due_on
              else ((e.joined_at at time zone \(zone)) + m.due_after_days * interval '1 day')::date end) r (day)
            left join progress p on (p.milestone_id, p.student_id) = (m.id, e.student_id)
            left join extensions x on (x.milestone_id, x.student_id) = (m.id, e.student_id)
           where c.archived_at is null and not exists (select from accounts a where a.id = e.student_id and a.status = 'archived'))
        """

    /// Steps that were not taken back at once.
    private static let stands = """
        stands as materialized (
          select v.* from progress_events v
           where not v.undo
             and not coalesce(
               (select n.undo from progress_events n
                 where n.milestone_id = v.milestone_id and n.student_id = v.student_id and n.id > v.id order by n.id limit 1), false))
        """

    /// Numbers of a table `d` of duties.
    private static func numbers(_ all: String) -> String {
        """
        sum((d.status is distinct from 'waived')::int) as \(all),
        sum((d.status is not distinct from 'completed')::int) as completed,
        sum((d.status is not distinct from 'submitted')::int) as submitted,
        sum((d.status is not distinct from 'returned')::int) as returned, sum(coalesce(d.late, false)::int) as overdue,
        round(avg(case d.status when 'completed' then 100 else 0 end) filter (where d.status is distinct from 'waived'), 1)
          as percent_completed
        """
    }

    /// Each report's query by its name.
    static let queries = [
        "answers-by-month": """
        with \(stands),
        waits as (
          select a.id, to_char(a.at at time zone \(zone), 'YYYY-MM') as month, a.to_status,
                 extract(epoch from a.at - max(q.at))::float8 / 3600 as hours
            from stands a
            left join stands q
              on q.milestone_id = a.milestone_id and q.student_id = a.student_id and q.id < a.id and q.to_status = 'submitted'
           where a.from_status = 'submitted' and a.to_status <> 'open' and a.actor_id <> a.student_id
           group by a.id, a.at, a.to_status),
        placed as (
          select w.*, row_number() over (partition by month order by hours) as n, count(*) over (partition by month) as total
            from waits w)
        select month, count(*) as answers, sum(case to_status when 'returned' then 1 else 0 end) as returned,
               round(avg(case to_status when 'returned' then 100 else 0 end), 1) as percent_returned,
               round((avg(hours) filter (where n in ((total + 1) / 2, (total + 2) / 2)))::numeric, 1) as median_hours
          from placed group by month order by month
        """,
        "enrollments-by-month": """
        with stay as (
          select (e.joined_at at time zone \(zone))::date as came, (e.left_at at time zone \(zone))::date as went
            from enrollments e
           where e.cohort_id in (select id from cohorts where archived_at is null)
             and e.student_id not in (select id from accounts where status = 'archived')),
        months as (
          select date_trunc('month', came) as first from stay
          union
          select date_trunc('month', went) from stay where went is not null)
        select to_char(m.first, 'YYYY-MM') as month,
               (select count(*) from stay where to_char(came, 'YYYYMM') = to_char(m.first, 'YYYYMM')) as joined,
               (select count(*) from stay where to_char(went, 'YYYYMM') = to_char(m.first, 'YYYYMM')) as left_cohort,
               (select count(*) from stay
                 where came < m.first + interval '1 month' and (went is null or went >= m.first + interval '1 month'))
                 as enrolled_at_end
          from months m order by 1
        """,
        "mail-by-day": """
        select case when l.day is null then date(l.since_at at time zone \(zone)) else l.day end as day, l.kind, count(l.id) as planned,
               sum((l.state = 'sent')::int) as sent, sum((l.state = 'dropped')::int) as not_needed,
               sum((l.state = 'failed')::int) as failed, sum((l.settled_at is null)::int) as on_its_way
          from mails l group by 1, 2 order by 1 desc, 2
        """,
        "milestone-progress": """
        with \(duty),
        counted as (
          select d.milestone, min(d.due) as first_due_on, \(numbers("students"))
            from duty d group by d.milestone)
        select c.name as cohort, m.title as milestone, n.first_due_on, n.students, n.completed, n.submitted, n.returned, n.overdue,
               n.percent_completed
          from counted n join milestones m on m.id = n.milestone join cohorts c on c.id = m.cohort_id
          join cohort_categories k on k.id = c.category_id
         order by k.name, c.name, n.first_due_on nulls last, m.title, m.id
        """,
        "overdue-by-group": """
        with \(duty),
        late as materialized (
          select l.group_id, d.student, d.due from cohort_groups l join duty d on d.cohort = l.cohort_id where d.late)
        select (select d.name from departments d where d.id = g.department_id) as department, g.name as group_name,
               (select count(*) from late where group_id = g.id) as overdue,
               (select count(*) from (select student from late where group_id = g.id group by student) s) as students_behind,
               (select due from late where group_id = g.id order by due limit 1) as oldest_due_on
          from groups g
         where g.archived_at is null
           and g.id in (select l.group_id from cohort_groups l join cohorts c on c.id = l.cohort_id where c.archived_at is null)
         order by 3 desc, 2
        """,
        "progress-by-cohort": """
        with \(duty)
        select k.name as category, c.name as cohort, n.*
          from cohorts c join cohort_categories k on k.id = c.category_id
         cross join lateral (
          select (select count(*) from (select distinct d.student from duty d where d.cohort = c.id) s) as students,
                 \(numbers("assignments"))
            from duty d where d.cohort = c.id) n
         where n.students > 0
         order by k.name, c.name, c.id
        """,
        "requests-by-age": """
        select k.name as category, c.name as cohort, count(*) as waiting, sum((x.age <= interval '48 hours')::int) as up_to_2_days,
               sum((x.age > interval '48 hours' and x.age <= interval '168 hours')::int) as up_to_7_days,
               sum((x.age > interval '168 hours')::int) as older, min(p.updated_at) as oldest_request
          from progress p join cohorts c on c.id = p.cohort_id join cohort_categories k on k.id = c.category_id
          join accounts a on a.id = p.student_id join milestones m on m.id = p.milestone_id
         cross join lateral (select now() - p.updated_at) x (age)
         where p.status = 'submitted' and p.enrolled and m.saved and a.status in ('active', 'suspended') and c.archived_at is null
         group by k.id, c.id order by min(p.updated_at), c.name, c.id
        """,
        "sign-ins-by-cohort": """
        select k.name as category, c.name as cohort, n.*, round(n.never_signed_in / n.students::numeric * 100, 1) as percent_never
          from cohorts c join cohort_categories k on k.id = c.category_id
         cross join lateral (
          select count(*) as students, count(*) - count(g.account_id) as never_signed_in,
                 count(case when now() - g.at > interval '720 hours' then 1 end) as not_for_30_days
            from enrollments e join accounts a on a.id = e.student_id left join sign_ins g on g.account_id = a.id
           where e.cohort_id = c.id and e.active and a.status <> 'archived') n
         where c.archived_at is null and n.students > 0 order by 1, 2, c.id
        """,
        "staff-load": """
        with \(stands),
        helps as materialized (
          select distinct b.account_id, l.cohort_id
            from group_members b join groups g on g.id = b.group_id join cohort_groups l on l.group_id = g.id
            join cohorts c on c.id = l.cohort_id where g.archived_at is null and c.archived_at is null),
        asked as materialized (
          select p.cohort_id, p.updated_at as at
            from progress p join milestones m on m.id = p.milestone_id join accounts a on a.id = p.student_id
           where p.status = 'submitted' and p.enrolled and m.saved and a.status <> 'archived')
        select a.name, a.role, (select count(*) from helps h where h.account_id = a.id) as cohorts,
               (select count(*) from accounts s
                 where s.status <> 'archived'
                   and exists (select from enrollments e join helps h on h.cohort_id = e.cohort_id
                                where e.student_id = s.id and e.left_at is null and h.account_id = a.id
                                  and exists (select from milestones m where m.cohort_id = e.cohort_id and m.saved))) as students,
               (select count(*) from asked q join helps h on h.cohort_id = q.cohort_id where h.account_id = a.id) as waiting,
               (select min(q.at) from asked q join helps h on h.cohort_id = q.cohort_id where h.account_id = a.id) as oldest_request,
               (select count(*) from stands v
                 where v.actor_id = a.id and v.student_id <> a.id and v.to_status not in ('open', 'submitted')
                   and now() - v.at <= interval '720 hours') as answered_30_days
          from accounts a where a.status = 'active' and a.id in (select account_id from helps)
         order by 5 desc, 1, a.id
        """,
        "students-behind": """
        with \(duty),
        late as (select student, count(*) as overdue, min(due) as oldest_due_on from duty where late group by student),
        named as (select student, string_agg(cohort_name, ', ' order by cohort_name) as cohorts
                    from (select student, cohort_name from duty where late group by student, cohort_name) x group by student)
        select a.name as student, a.email, a.student_number, named.cohorts, late.overdue, late.oldest_due_on,
               (select g.at from sign_ins g where g.account_id = a.id) as last_sign_in
          from late join named using (student) join accounts a on a.id = late.student
         order by late.oldest_due_on, late.overdue desc, a.name, a.id
        """,
        "time-to-completion": """
        with \(duty),
        took as (
          select d.cohort_name, d.title, d.milestone,
                 (d.updated_at at time zone \(zone))::date - (e.joined_at at time zone \(zone))::date as days
            from duty d join enrollments e on e.cohort_id = d.cohort and e.student_id = d.student where d.status = 'completed'),
        placed as (
          select t.*, row_number() over (partition by milestone order by days) as n, count(*) over (partition by milestone) as total
            from took t)
        select cohort_name as cohort, title as milestone, max(n) as completed, min(days) as fastest_days,
               max(days) filter (where n = (total + 1) / 2) as median_days, max(days) as slowest_days
          from placed group by cohort_name, title, milestone order by 1, 5, 2, milestone
        """,
    ]
}
