/// One change that somebody tries: as the database takes it, and as the arrays of a `World` remember it.
enum Move: Sendable {
    case putMember(group: Int, account: Int, manager: Bool)
    case removeMember(group: Int, account: Int)
    case flag(group: Int, account: Int, manager: Bool)
    case writeCard(account: Int)
    case addGroup(id: Int, department: Int)
    case moveGroup(id: Int, department: Int)
    case addCohort(id: Int)
    case attach(cohort: Int, group: Int)
    case detach(cohort: Int, group: Int)
    case addMilestone(id: Int, cohort: Int)

    /// The audience of the product's own route for it.
    var audience: String {
        switch self {
        case .putMember, .removeMember, .flag, .writeCard, .addGroup, .moveGroup: "staff"
        case .addCohort, .attach, .detach, .addMilestone: "progress"
        }
    }

    /// - Parameter world: says which role an account has.
    func statement(in world: World) -> String {
        func role(_ account: Int) -> String { world.person(account)?.role ?? "" }
        return switch self {
        case .putMember(let group, let account, let manager):
            """
            insert into group_members (group_id, account_id, account_role, manager)
            values (\(group), \(account), '\(role(account))', \(manager))
            """
        case .removeMember(let group, let account):
            "delete from group_members where group_id = \(group) and account_id = \(account)"
        case .flag(let group, let account, let manager):
            "update group_members set manager = \(manager) where group_id = \(group) and account_id = \(account)"
        case .writeCard(let account):
            """
            insert into cards (account_id, account_role, phone, published) values (\(account), '\(role(account))', '1', true)
            on conflict (account_id) do update set published = true
            """
        case .addGroup(let id, let department):
            "insert into groups (name, department_id) values ('g\(id)', \(department))"
        case .moveGroup(let id, let department): "update groups set department_id = \(department) where id = \(id)"
        case .addCohort(let id): "insert into cohorts (category_id, name) values (1, 'c\(id)')"
        case .attach(let cohort, let group):
            """
            with new as (insert into cohort_groups (cohort_id, group_id) values (\(cohort), \(group)) returning 1),
              noted as (insert into audit (action, subject) select 'attachment.create', 'cohort/\(cohort)' from new)
            select count(*) from new
            """
        case .detach(let cohort, let group):
            "delete from cohort_groups where cohort_id = \(cohort) and group_id = \(group)"
        case .addMilestone(_, let cohort): "insert into milestones (cohort_id, title) values (\(cohort), 'm')"
        }
    }

    /// The row that gets a number, and which.
    var numbered: (table: String, id: Int)? {
        switch self {
        case .addGroup(let id, _): ("groups", id)
        case .addCohort(let id): ("cohorts", id)
        case .addMilestone(let id, _): ("milestones", id)
        default: nil
        }
    }
}

extension World {
    /// What is afterwards.
    mutating func apply(_ move: Move, by person: Person) {
        switch move {
        case .putMember(let group, let account, let manager):
            members.append(Member(group: group, account: account, manager: manager))
        case .removeMember(let group, let account):
            members.removeAll { $0.group == group && $0.account == account }
        case .flag(let group, let account, let manager):
            members.removeAll { $0.group == group && $0.account == account }
            members.append(Member(group: group, account: account, manager: manager))
        case .writeCard(let account):
            cards.removeAll { $0.account == account }
            cards.append(Card(account: account, published: true))
        case .addGroup(let id, let department):
            groups.append(Group(id: id, department: department, archived: false))
        case .moveGroup(let id, let department):
            groups = groups.map { $0.id == id ? Group(id: id, department: department, archived: $0.archived) : $0 }
        case .addCohort(let id):
            cohorts.append(Cohort(id: id, archived: false, creator: person.id, supportedOnce: false))
        case .attach(let cohort, let group):
            links.append((cohort, group))
            cohorts = cohorts.map {
                $0.id == cohort
                    ? Cohort(id: cohort, archived: $0.archived, creator: $0.creator, supportedOnce: true) : $0
            }
        case .detach(let cohort, let group): links.removeAll { $0.cohort == cohort && $0.group == group }
        case .addMilestone(let id, let cohort):
            milestones.append(Milestone(id: id, cohort: cohort, saved: false, completion: "staff"))
        }
    }

    /// Something that somebody may think of; nil where what was thought of cannot be, as a second membership.
    func move(by person: Person, _ random: inout Seeded) -> Move? {
        // most think of what is near: without it hardly anything would ever be done
        let near = groups.filter { group in
            members.contains { $0.group == group.id && $0.account == person.id }
                || directors.contains { $0.account == person.id && $0.department == group.department }
        }
        guard let group = (near.isEmpty || random.chance(30) ? groups : near).randomElement(using: &random),
            let worker = people.filter({ $0.role != "student" }).randomElement(using: &random)
        else { return nil }
        let linked = links.filter { $0.group == group.id }.map(\.cohort)
        let some = linked.isEmpty || random.chance(30) ? cohorts.map(\.id) : linked
        guard let cohort = some.randomElement(using: &random) else { return nil }
        let member = members.filter { $0.group == group.id }.randomElement(using: &random)
        let department = random.chance(50) ? group.department ?? 1 : Int.random(in: 1...3, using: &random)
        let inside = members.filter { member in near.contains { $0.id == member.group } }.map(\.account)
        switch Int.random(in: 0..<11, using: &random) {
        case 0, 1:
            if members.contains(where: { $0.group == group.id && $0.account == worker.id }) { return nil }
            return .putMember(group: group.id, account: worker.id, manager: random.chance(30))
        case 2: return member.map { .removeMember(group: $0.group, account: $0.account) }
        case 3: return member.map { .flag(group: $0.group, account: $0.account, manager: !$0.manager) }
        case 4:
            return .writeCard(
                account: random.chance(70) ? inside.randomElement(using: &random) ?? worker.id : worker.id)
        case 5: return .addGroup(id: (groups.map(\.id).max() ?? 0) + 1, department: department)
        case 6: return .moveGroup(id: group.id, department: department)
        case 7: return .addCohort(id: (cohorts.map(\.id).max() ?? 0) + 1)
        case 8:
            let free = groups.filter { other in !links.contains { $0.cohort == cohort && $0.group == other.id } }
            return free.randomElement(using: &random).map { .attach(cohort: cohort, group: $0.id) }
        case 9:
            return links.filter { $0.cohort == cohort }.randomElement(using: &random)
                .map { .detach(cohort: cohort, group: $0.group) }
        default: return .addMilestone(id: 2_000_000 + milestones.count, cohort: cohort)
        }
    }
}

extension Oracle {
    /// What the database says to a move: `1` done, `0` not met, `policy` or `denied`, or the SQLSTATE of entering.
    func answer(to move: Move) -> String {
        if me.status != "active" { return "WM401" }
        if me.role == "student", move.audience == "staff" { return "WM403" }
        if let refusal = refusal(move.audience) { return refusal }
        let admin = me.role == "admin"
        let delegate = ["director", "manager"].contains(me.role)
        func added(_ allowed: Bool) -> String { admin || allowed ? "1" : "policy" }
        func met(_ allowed: Bool) -> String { admin || allowed ? "1" : "0" }
        switch move {
        case .putMember(let group, _, let manager):
            guard admin || delegate else { return "denied" }
            return added(managed.contains(group) && (!manager || overseen.contains(group)))
        case .removeMember(let group, let account):
            guard admin || delegate else { return "denied" }
            let flagged = world.members.contains { $0.group == group && $0.account == account && $0.manager }
            return met(managed.contains(group) && (!flagged || overseen.contains(group)))
        case .flag(let group, _, _):
            guard admin || delegate else { return "denied" }
            return met(overseen.contains(group))
        case .writeCard(let account): return added(mayKeepCard(of: account))
        case .addGroup(_, let department):
            return admin || me.role == "director" ? added(directed.contains(department)) : "denied"
        case .moveGroup(let id, let department):
            guard admin || me.role == "director" else { return "denied" }
            let own = world.groups.contains { $0.id == id && $0.department.map(directed.contains) ?? false }
            return admin || !own ? met(own) : added(directed.contains(department))
        case .addCohort: return admin || delegate ? added(world.delegated) : "denied"
        case .attach(let cohort, _): return admin || delegate ? added(editable.contains(cohort)) : "denied"
        case .detach(let cohort, _): return admin || delegate ? met(editable.contains(cohort)) : "denied"
        case .addMilestone(_, let cohort): return admin || delegate ? added(editable.contains(cohort)) : "denied"
        }
    }

    /// What a move of one's own may open to oneself, as keys of `SequenceTests.reach`. All else must stay as it was.
    func opens(_ move: Move, _ key: String) -> Bool {
        let parts = key.split(separator: " ").map(String.init)
        guard parts.count == 2 else { return false }
        let (relation, row) = (parts[0], parts[1])
        func isOf(_ cohorts: Set<Int>) -> Bool {
            guard let number = row.split(separator: "/").first.flatMap({ Int($0) }) else { return false }
            let cohort =
                ["progress", "milestones", "milestone_files", "assignments"].contains(relation)
                ? world.milestone(number)?.cohort : number
            return cohort.map(cohorts.contains) ?? false
        }
        switch move {
        case .writeCard(let account): return key == "cards \(account)"
        case .putMember(let group, let account, _):
            if account != me.id { return key == "cards \(account)" && world.person(account)?.role == "staff" }
            // who joins a group of an own department sees and answers where it helps, also where it is the only way in
            return isOf(Set(world.links.filter { $0.group == group }.map(\.cohort)))
        case .addGroup(let id, _): return key == "groups \(id)"
        case .addCohort(let id): return relation == "cohorts" && row == "\(id)"
        case .addMilestone(let id, _): return key == "milestones \(id)"
        case .attach(let cohort, let group):
            // a group one belongs to or keeps: there one answers, or sees and edits
            return isOf([cohort]) && (own.contains(group) || managed.contains(group))
        case .flag(_, let account, _): return account == me.id
        case .removeMember, .moveGroup, .detach: return false
        }
    }
}
