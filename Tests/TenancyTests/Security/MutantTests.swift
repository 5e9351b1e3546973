import Postgres
import Testing

/// Every policy spoilt in every way the test knows, each in a transaction that is rolled back: the matrix or the steps
/// must notice. A mutant that changes nothing anybody could see is listed with its reason.
@Suite struct MutantTests {
    private static let fixed = "the columns compared cannot be written by the roles of the policy"
    private static let idle = "the role may neither insert nor update"
    static let equivalent = [
        "calendar_feeds.callers_keep_own_feed check without (account_id = waymark.account_id())": fixed,
        "cards.managers_change_cards_of_staff check true": fixed,
        "cards.managers_change_cards_of_staff check without (account_id = ANY (waymark.member_ids()))": fixed,
        "cards.managers_change_cards_of_staff check without (account_role = 'staff'::text)": fixed,
        "cards.staff_change_own_card check true": fixed,
        "cohorts.delegates_add_cohorts check without (created_by = waymark.account_id())": fixed,
        "cohorts.delegates_change_cohorts check true": fixed,
        "enrollments.staff_name_contacts check true": fixed,
        "enrollments.staff_name_contacts check without (cohort_id = ANY (waymark.acting_cohort_ids()))": fixed,
        "enrollments.staff_name_contacts check without active": fixed,
        "extensions.staff_answer_extensions check without (cohort_id = ANY (waymark.acting_cohort_ids()))": fixed,
        "extensions.students_ask_again check without (cohort_id = ANY (waymark.cohort_ids()))": fixed,
        "extensions.students_ask_again check without (student_id = waymark.account_id())": fixed,
        "group_members.directors_name_managers check true": fixed,
        "idempotency_keys.callers_keep_own_keys check true": fixed,
        "idempotency_pieces.callers_keep_own_pieces check true": fixed,
        "milestone_files.delegates_change_files check true": fixed,
        "milestones.delegates_change_milestones check true": fixed,
        "saved_views.callers_keep_own_views check true": fixed,
        "turns.system_takes_turn check true": fixed,
        "sessions.callers_end_own_sessions check without (account_id = waymark.account_id())": fixed,
        "progress.staff_mark_progress check without (cohort_id = ANY (waymark.acting_cohort_ids()))": fixed,
        "progress.students_move_own_progress check without (cohort_id = ANY (waymark.cohort_ids()))": fixed,
        "progress.students_move_own_progress check without (student_id = waymark.account_id())": fixed,
        "idempotency_keys.system_sweeps check true": idle,
        "invitations.system_sweeps check true": idle,
        "inbox_reads.callers_keep_own_reads check true": fixed,
        "inbox_reads.system_sweeps check true": idle,
        "milestone_files.system_sweeps check true": idle,
        "submission_files.system_sweeps check true": idle,
        "submission_files.system_closes check true": idle,
        "sessions.system_sweeps check true": idle,
        "upload_pieces.admin_keeps_own check without (account_id = waymark.account_id())": fixed,
        "uploads.admin_keeps_own check without (account_id = waymark.account_id())": fixed,
        "uploads.system_sweeps check true": idle,
        "sign_in_attempts.system_sweeps check true": idle,
        "sign_in_challenges.system_sweeps check true": idle,
        "spent_sign_ins.system_sweeps check true": idle,
        "identity_providers.admin_all_in_person check true": "the same condition in `using` hides every row",
        "import_folders.admin_all_in_person check true": "the same condition in `using` hides every row",
        "folder_files.admin_answers_in_person check true": "the same condition in `using` hides every row",
        "roster_sources.admin_all_in_person check true": "the same condition in `using` hides every row",
        "cohort_categories.delegates_change_categories check true": "the same condition in `using` hides every row",
        "cohort_categories.delegates_change_categories using true": "the same condition in `check` refuses every row",
        "cohorts.delegates_see_new_cohort using without (created_by = waymark.account_id())":
            "a cohort made in this transaction is the caller's",
        "department_directors.directors_see_own_directorships without manager": "only directors have directorships",
        "department_directors.directors_see_own_directorships without staff": "only directors have directorships",
        "enrollments.students_see_own_enrollments using without active":
            "a student's list holds cohorts of active enrollments, and there is one row for each",
    ]

    @Test(arguments: 0..<2) func `a spoilt policy is noticed`(half: Int) async throws {
        let (run, _) = try await MatrixTests.prepared(delegated: true)
        var survivors: [String] = []
        var count = 0
        for (number, policy) in try await Policy.all(run.stage).enumerated() where number % 2 == half {
            for mutant in Mutant.all(of: policy, in: run.stage.schema) {
                count += 1
                let noticed = try await run.stage.undone {
                    try await run.stage.connection.execute(script: mutant.ddl)
                    return try await Self.notices(mutant, run)
                }
                if !noticed { survivors.append(mutant.description) }
            }
        }
        #expect(count > 150)
        let unknown = Set(survivors).subtracting(Self.equivalent.keys)
        let made = Set(
            try await Policy.all(run.stage).flatMap { Mutant.all(of: $0, in: run.stage.schema) }.map(\.description))
        #expect(Set(Self.equivalent.keys).isSubset(of: made), "listed as equivalent, but never made")
        #expect(unknown.isEmpty, "not noticed:\n\(unknown.sorted().joined(separator: "\n"))")
    }

    private static func notices(_ mutant: Mutant, _ run: MatrixRun) async throws -> Bool {
        let relation = mutant.policy.table
        let callers = Caller.allCases.filter { $0 != .none && $0 != .reporter }.sorted { first, second in
            concerns(first, mutant, run) && !concerns(second, mutant, run)
        }
        for caller in callers {
            if !(try await run.differences([relation], callers: [caller])).isEmpty { return true }
            let steps = Step.all.filter { $0.relation == relation && $0.caller == caller }
            if !(try await StepTests.failures(of: steps, on: run.stage)).isEmpty { return true }
        }
        try await run.stage.connection.execute(script: "update settings set cohort_delegation = false")
        return !(try await run.differences([relation], callers: [.director, .manager], delegated: false)).isEmpty
    }

    private static func concerns(_ caller: Caller, _ mutant: Mutant, _ run: MatrixRun) -> Bool {
        mutant.policy.roles.contains(caller.role(in: run.stage.id))
    }
}
