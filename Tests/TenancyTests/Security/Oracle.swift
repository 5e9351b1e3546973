/// Who sees what in a `World`, written from the permission table of the design and not from the policies.
struct Oracle {
    let world: World
    let me: World.Person

    private var admin: Bool { me.role == "admin" }
    private var student: Bool { me.role == "student" }

    // MARK: scope

    var kept: [World.Group] { world.groups.filter { !$0.archived } }

    /// Groups belonged to.
    var own: Set<Int> {
        Set(kept.filter { group in world.members.contains { $0.group == group.id && $0.account == me.id } }.map(\.id))
    }

    /// Departments directed.
    var directed: Set<Int> {
        me.role == "director" ? Set(world.directors.filter { $0.account == me.id }.map(\.department)) : []
    }

    /// Groups of those.
    var overseen: Set<Int> {
        Set(kept.filter { $0.department.map(directed.contains) ?? false }.map(\.id))
    }

    /// Groups whose members the caller names: the role is the ceiling of the flag.
    var managed: Set<Int> {
        guard me.role == "manager" || me.role == "director" else { return [] }
        return overseen.union(
            own.filter { id in world.members.contains { $0.group == id && $0.account == me.id && $0.manager } })
    }

    private func open(_ id: Int) -> Bool { world.cohorts.contains { $0.id == id && !$0.archived } }

    private func linked(to groups: Set<Int>) -> Set<Int> {
        Set(world.links.filter { groups.contains($0.group) && open($0.cohort) }.map(\.cohort))
    }

    /// Cohorts the caller has made by delegation and attached no group to yet.
    private var fresh: Set<Int> {
        guard world.delegated, me.role == "manager" || me.role == "director" else { return [] }
        return Set(
            world.cohorts.filter { cohort in
                cohort.creator == me.id && !cohort.archived && !cohort.supportedOnce
                    && !world.links.contains { $0.cohort == cohort.id }
            }.map(\.id))
    }

    /// Cohorts in sight.
    var sight: Set<Int> {
        if admin { return Set(world.cohorts.map(\.id)) }
        if student {
            guard world.visible else { return [] }
            return Set(world.enrollments.filter { $0.student == me.id && $0.active && open($0.cohort) }.map(\.cohort))
        }
        return linked(to: own.union(overseen)).union(fresh)
    }

    /// Cohorts where the caller answers.
    var acting: Set<Int> { admin ? sight : student ? [] : linked(to: own) }

    /// Cohorts the caller edits.
    var editable: Set<Int> {
        if admin { return sight }
        return world.delegated && (me.role == "manager" || me.role == "director")
            ? linked(to: managed).union(fresh) : []
    }

    private func carded(_ account: Int) -> Bool { world.cards.contains { $0.account == account && $0.published } }
    private func employed(_ account: Int) -> Bool { world.person(account)?.status == "active" }

    /// One cohort has a student, a saved milestone and an attached group with a carded member.
    private var ready: Bool {
        world.cohorts.contains { cohort in
            !cohort.archived
                && world.enrollments.contains { $0.cohort == cohort.id && $0.active }
                && world.milestones.contains { $0.cohort == cohort.id && $0.saved }
                && world.members.contains { member in
                    employed(member.account) && carded(member.account)
                        && kept.contains { $0.id == member.group }
                        && world.links.contains { $0.cohort == cohort.id && $0.group == member.group }
                }
        }
    }

    // MARK: answers

    /// Why the caller does not come in, as SQLSTATE; nil where they do.
    func refusal(_ audience: String) -> String? {
        if me.status != "active" { return "WM401" }
        guard audience == "progress", !admin, !world.visible else { return nil }
        return student ? "WM404" : ready ? nil : "WM409"
    }

    /// The keys of the rows of a relation, nil where the role may not ask; columns as in `Question`.
    func rows(_ relation: String) -> [String]? {
        switch relation {
        case "cohort_groups", "my_students", "cards", "departments", "department_directors", "groups", "group_members",
            "cohort_categories":
            if student { return nil }
        case "my_cohorts", "my_assignments", "my_progress", "my_support_network":
            if !student { return nil }
        case "caseload", "caseload_progress", "waiting":
            if student { return nil }
        default: break
        }
        return casework(relation) ?? people(relation)
    }

    private func casework(_ relation: String) -> [String]? {
        let places = world.enrollments.filter { place in
            admin || place.active && sight.contains(place.cohort) && (!student || place.student == me.id)
        }
        let steps = world.milestones.filter { sight.contains($0.cohort) && (!student || $0.saved) }
        let papers = world.files.filter { file in steps.contains { $0.id == file.milestone } }
        let marks = world.progress.filter { mark in
            guard let cohort = world.milestone(mark.milestone)?.cohort, sight.contains(cohort) else { return false }
            return admin || world.active(cohort, mark.student) && (!student || mark.student == me.id)
        }
        switch relation {
        case "cohorts", "my_cohorts": return sight.map { "\($0)" }
        case "cohort_groups": return world.links.filter { sight.contains($0.cohort) }.map { "\($0.cohort)/\($0.group)" }
        case "enrollments": return places.map { "\($0.cohort)/\($0.student)" }
        case "milestones": return steps.map { "\($0.id)" }
        case "milestone_files": return papers.filter { !student || $0.complete }.map { "\($0.id)" }
        case "file_chunks": return papers.map { "\($0.id)" }  // of a part of a file, see DECISIONS-EARLIER.md
        case "progress", "progress_events", "my_progress":
            return marks.map { "\($0.milestone)/\($0.student)/\($0.status)" }
        case "my_students":
            return places.filter { $0.active && world.person($0.student)?.status != "archived" }
                .map { "\($0.cohort)/\($0.student)" }
        case "caseload_progress":
            return marks.filter { mark in
                guard let step = world.milestone(mark.milestone) else { return false }
                return step.saved && open(step.cohort) && world.active(step.cohort, mark.student)
            }.map { "\($0.milestone)/\($0.student)/\($0.status)" }
        case "caseload" where admin:
            return world.people.filter { $0.role == "student" && $0.status != "archived" }.map { "\($0.id)" }
        case "caseload":
            return Set(places.map(\.student)).filter { world.person($0)?.status != "archived" }.map { "\($0)" }
        case "reasons":
            guard !admin, !student else { return [] }
            let mine = own.union(overseen)
            return places.flatMap { place in
                world.links.filter { $0.cohort == place.cohort && mine.contains($0.group) }
                    .map { "\(place.cohort)/\(place.student)/\($0.group)" }
            }
        case "waiting":
            return marks.filter { mark in
                guard let milestone = world.milestone(mark.milestone), milestone.saved else { return false }
                let cohort = milestone.cohort
                return mark.status == "submitted" && acting.contains(cohort) && open(cohort)
                    && world.active(cohort, mark.student) && world.person(mark.student)?.status != "archived"
            }.map { "\($0.milestone)/\($0.student)/submitted" }
        case "assignments", "my_assignments":
            return places.filter(\.active).flatMap { place in
                steps.filter { $0.cohort == place.cohort && $0.saved }.map { step in
                    let mark = world.progress.first { $0.milestone == step.id && $0.student == place.student }
                    return "\(step.id)/\(place.student)/\(mark?.status ?? "open")"
                }
            }
        case "support_network":
            return world.links.filter { sight.contains($0.cohort) }.flatMap { link in
                team(link.group).map { "\(link.cohort)/\(link.group)/\($0)" }
            }
        case "my_support_network":
            return Set(world.links.filter { sight.contains($0.cohort) }.map(\.group)).flatMap { group in
                team(group).map { "\(group)/\($0)" }
            }
        default: return nil
        }
    }

    /// Members of a kept group whom the caller may know of.
    private func team(_ group: Int) -> [Int] {
        guard kept.contains(where: { $0.id == group }) else { return [] }
        return world.members.filter { $0.group == group && employed($0.account) && (!student || carded($0.account)) }
            .map(\.account)
    }

    private func people(_ relation: String) -> [String]? {
        switch relation {
        case "accounts": return (admin ? world.people.map(\.id) : [me.id]).map { "\($0)" }
        case "cards":
            return world.cards.filter { mayKeepCard(of: $0.account) }.map { "\($0.account)" }
        case "departments": return world.departments.map { "\($0)" }
        case "department_directors":
            return world.directors.filter { admin || $0.account == me.id }.map { "\($0.department)/\($0.account)" }
        case "groups": return world.groups.map { "\($0.id)" }
        case "group_members": return world.members.map { "\($0.group)/\($0.account)" }
        case "cohort_categories": return world.categories.map { "\($0)" }
        case "directory":
            return world.people.filter { $0.role != "student" && employed($0.id) && (!student || carded($0.id)) }
                .map { "\($0.id)" }
        case "memberships":
            return kept.flatMap { group in team(group.id).map { "\($0)/\(group.id)" } }
        default: return nil
        }
    }

    /// How many rows a change without a condition reaches; nil where the role may not change the table at all.
    func changes(_ table: String) -> Int? {
        let delegate = me.role == "manager" || me.role == "director"
        switch table {
        case "cohorts": return admin || delegate ? editable.count : nil
        case "milestones":
            return admin || delegate ? world.milestones.filter { editable.contains($0.cohort) }.count : nil
        case "milestone_files":
            guard admin || delegate else { return nil }
            return world.files.filter { world.milestone($0.milestone).map { editable.contains($0.cohort) } ?? false }
                .count
        case "progress":
            return world.progress.filter { mark in
                guard let cohort = world.milestone(mark.milestone)?.cohort else { return false }
                if admin { return true }
                guard student else { return acting.contains(cohort) && world.active(cohort, mark.student) }
                return mark.student == me.id && sight.contains(cohort)
                    && ["open", "submitted", "returned"].contains(mark.status)
            }.count
        case "groups":
            if admin { return world.groups.count }
            guard me.role == "director" else { return nil }
            return world.groups.filter { $0.department.map(directed.contains) ?? false }.count
        case "cards": return student ? nil : rows("cards")?.count
        default: return nil
        }
    }

    /// One's own; admins all; directors and managers those of plain staff in groups they keep.
    func mayKeepCard(of account: Int) -> Bool {
        admin || account == me.id
            || world.person(account)?.role == "staff"
                && world.members.contains { managed.contains($0.group) && $0.account == account }
    }

    func mayAddMilestone(to cohort: Int) -> Bool? {
        admin || me.role == "manager" || me.role == "director" ? editable.contains(cohort) : nil
    }
}
