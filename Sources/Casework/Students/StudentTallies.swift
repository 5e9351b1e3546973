import Postgres

/// A table of `StudentTallies`, with a row for each student who has something in it.
enum StudentTally: CaseIterable {
    case late, soon, work, waits, first, contact

    /// Puts it beside the students `a`.
    var join: SQL {
        switch self {
        case .late: " left join late on late.student_id = a.id"
        case .soon: " left join soon on soon.student_id = a.id"
        case .work: " left join work on work.student_id = a.id"
        case .waits: " left join waits on waits.student_id = a.id"
        case .first: " left join first on first.student_id = a.id"
        case .contact: " left join contact on contact.student_id = a.id"
        }
    }
}

/// What is counted for every student in scope at once, so that a list can be sorted and narrowed by it.
///
/// For a page's few rows `assignments` counts, as on a student's page. For 20,000 students it would pair each with every
/// milestone of each cohort; here what is asked is counted once for a cohort (or for all who joined it on a day), and what
/// was given is taken from an index. A statement names all of these; PostgreSQL computes those that it uses.
struct StudentTallies {
    /// The cohorts that are looked at.
    let cohorts: SQL
    /// What a row of `caseload_progress`, and what one of `contacts`, must satisfy to be of those cohorts. Empty for the whole
    /// scope, which the views are anyway.
    let ofMilestones: SQL
    let ofCohorts: SQL

    init(_ filter: StudentFilter) {
        var cohorts: SQL = "select c.id, c.name from cohorts c where c.archived_at is null"
        if let id = filter.cohortID { cohorts += " and c.id = \(id)" }
        if let id = filter.categoryID { cohorts += " and c.category_id = \(id)" }
        if let id = filter.groupID {
            cohorts += " and exists (select from cohort_groups l where l.cohort_id = c.id and l.group_id = \(id))"
        }
        self.cohorts = cohorts
        ofMilestones =
            filter.namesCohorts
            ? " and g.milestone_id = any (array(select x.id from milestones x join places p on p.id = x.cohort_id))"
            : ""
        ofCohorts = filter.namesCohorts ? " and g.cohort_id = any (array(select id from places))" : ""
    }

    /// `with` and the tables: today, places, members (`joined`: with the day, where a due date counts from it), and by student
    /// `late`, `soon`, `work`, `waits`, `first` and `contact`.
    var sql: SQL {
        """
        with today as (
          select time_zone, waymark.day_of(now(), time_zone) as day from settings limit 1),
        places as materialized (
          select c.id, row_number() over (order by lower(c.name), c.id) as place from (\(cohorts)) c),
        members as not materialized (
          select e.student_id, e.cohort_id, e.joined_at
            from enrollments e join places p on p.id = e.cohort_id where e.active),
        joined as materialized (
          select m.student_id, m.cohort_id, waymark.day_of(m.joined_at, t.time_zone) as joined_on
            from members m cross join today t
           where m.cohort_id in (select cohort_id from milestones where saved and due_after_days is not null)),
        late as (\(due { "waymark.is_overdue(\($0), t.day, 'open')" })),
        soon as (\(due { "waymark.is_due_within(\($0), t.day, \(ProgressFilter.soon)::int)" })),
        work as (
          select asked.student_id, asked.n - coalesce(done.waived, 0) as total, coalesce(done.completed, 0) as completed
            from (select e.student_id, sum(k.n)::int as n
                    from (select p.id, count(x.id)::int as n
                            from places p join milestones x on x.cohort_id = p.id and x.saved group by p.id) k
                    join enrollments e on e.cohort_id = k.id where e.active group by e.student_id) asked
            left join (
                  select g.student_id, (count(*) filter (where g.status = 'completed'))::int as completed,
                         (count(*) filter (where g.status = 'waived'))::int as waived
                    from caseload_progress g
                   where g.status in ('submitted', 'completed', 'waived')\(ofMilestones)
                   group by g.student_id) done on done.student_id = asked.student_id),
        waits as (
          select g.student_id, count(*)::int as n from caseload_progress g where g.status = 'submitted'\(ofMilestones)
           group by g.student_id),
        first as (
          select m.student_id, min(p.place) as place from members m join places p on p.id = m.cohort_id
           group by m.student_id),
        contact as (
          select g.student_id, max(g.at) as at from contacts g where true\(ofCohorts) group by g.student_id)
        """
    }

    /// How many milestones of each student are due when `condition` says of a day and today `t`, and still to be done.
    ///
    /// Each cohort's are counted for its members, less those that are done. What is due so many days after joining is
    /// counted apart, by the day, for it concerns few, and so are extensions. Milestones are named by their numbers,
    /// which reach into the view; a condition on their days would not.
    private func due(_ condition: (SQL) -> SQL) -> SQL {
        let relative: SQL = "waymark.due_on(x.due_on, x.due_after_days, j.joined_on)"
        let plain: SQL = "waymark.due_on(x.due_on, x.due_after_days, waymark.day_of(m.joined_at, t.time_zone))"
        let extended: SQL = """
            waymark.due_on(x.due_on, x.due_after_days, waymark.day_of(m.joined_at, t.time_zone), x.granted_on)
            """
        return """
            with asked as materialized (
              select p.id, count(x.id)::int as n
                from today t cross join places p
                left join milestones x on x.cohort_id = p.id and x.saved and \(condition("x.due_on"))
               group by p.id)
            select m.student_id, m.n - coalesce(g.n, 0) + coalesce(r.n, 0) as n
              from (select e.student_id, sum(k.n)::int as n
                      from asked k join enrollments e on e.cohort_id = k.id where e.active group by e.student_id) m
              left join (
                    select g.student_id, count(*)::int as n from caseload_progress g
                     where g.status in ('submitted', 'completed', 'waived')
                       and g.milestone_id = any (array(
                         select x.id from today t cross join places p join milestones x on x.cohort_id = p.id
                          where x.saved and \(condition("x.due_on"))))
                     group by g.student_id) g on g.student_id = m.student_id
              left join (
                    select student_id, sum(n)::int as n
                      from (select m.student_id, f.n
                              from joined m
                              join (select j.cohort_id, j.joined_on, count(*)::int as n
                                      from today t
                                     cross join (select distinct cohort_id, joined_on from joined) j
                                      join milestones x
                                        on x.cohort_id = j.cohort_id and x.saved and x.due_after_days is not null
                                     where \(condition(relative)) group by j.cohort_id, j.joined_on) f
                                on f.cohort_id = m.cohort_id and f.joined_on = m.joined_on
                             union all
                            select x.student_id, -1
                              from today t cross join caseload_progress x
                              join joined j on j.cohort_id = x.cohort_id and j.student_id = x.student_id
                             where x.status in ('submitted', 'completed', 'waived') and x.due_after_days is not null
                               and \(condition(relative))
                             union all
                            select x.student_id, (\(condition(extended)))::int - (\(condition(plain)))::int
                              from today t cross join caseload_extensions x
                              join members m on m.cohort_id = x.cohort_id and m.student_id = x.student_id
                             where x.status in ('open', 'returned')) x
                     group by student_id) r on r.student_id = m.student_id
            """
    }
}
