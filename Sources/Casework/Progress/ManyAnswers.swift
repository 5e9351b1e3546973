import Postgres
import Tenancy

/// One student on one milestone.
public struct ProgressKey: Sendable, Hashable {
    /// The milestone.
    public let milestone: Int
    /// The student.
    public let student: Int

    /// That student on that milestone.
    public init(milestone: Int, student: Int) {
        self.milestone = milestone
        self.student = student
    }
}

extension ProgressKey: RowDecodable {
    /// Reads `milestone_id` and `student_id`.
    public init(row: Row) throws {
        self.init(milestone: try row.get("milestone_id"), student: try row.get("student_id"))
    }
}

/// What became of one step taken for many at once: for whom it was taken, and for whom not, and why.
public struct ManyAnswers: Sendable {
    /// Why a step was not taken.
    public enum Reason: Sendable, Hashable {
        /// It waits again, and is not what the caller has seen: it was withdrawn, or answered, and sent once more.
        case sentAgain
        /// What was to be taken back was done too long ago.
        case tooLate
        /// Its cohort is archived.
        case archived
        /// Its milestone is retired.
        case retired
        /// It stands somewhere else by now; who brought it there, where the caller may know.
        case state(ProgressStatus, by: String?)
        /// The caller sees it and may not answer it.
        case forbidden
        /// There is no such thing in the caller's scope, or no more.
        case gone
        /// Something failed before its turn came.
        case notTried
    }

    /// One that was not done.
    public struct Refused: Sendable {
        /// Which.
        public let key: ProgressKey
        /// The student's name; nil where the caller does not see the student.
        public let student: String?
        /// The milestone's title, likewise.
        public let title: String?
        /// Why.
        public let reason: Reason
    }

    /// How those that were done stand now.
    public let done: [ProgressEntry]
    /// Which were not, in the order they were asked for.
    public let refused: [Refused]
}

extension ProgressRepository {
    /// Takes a step for many, each in a transaction of its own, so that what somebody else took meanwhile stops nobody.
    /// - Parameter seen: which, each with the version that the caller has decided about.
    /// - Throws: `CaseworkError.invalid` before anything is done; what fails otherwise, where nothing was done before.
    public func take(
        _ action: ProgressAction, for seen: [(key: ProgressKey, version: IfMatch)], comment: String?
    ) async throws -> ManyAnswers {
        if action.needsComment, comment == nil { throw action.commentMissing }
        return try await many(seen) { key, version in
            _ = try await Permission.progress(milestone: key.milestone, student: key.student, action)
                .check(in: work, changing: true)
            return try await take(
                action, milestone: key.milestone, student: key.student, comment: comment, ifMatch: version)
        }
    }

    /// Does the same for many, and tells for whom it could not be done.
    func many(
        _ seen: [(key: ProgressKey, version: IfMatch)], _ step: (ProgressKey, IfMatch) async throws -> ProgressEntry
    ) async throws -> ManyAnswers {
        var done: [ProgressEntry] = []
        var reasons: [(ProgressKey, ManyAnswers.Reason)] = []
        for (index, (key, version)) in seen.enumerated() {
            do {
                done.append(try await step(key, version))
            } catch CaseworkError.preconditionFailed {
                reasons.append((key, .sentAgain))
            } catch CaseworkError.conflict(let refusal, _, _, _) where refusal.code == .undoTooLate {
                reasons.append((key, .tooLate))
            } catch CaseworkError.conflict(let refusal, _, _, _) where refusal.code == .cohortArchived {
                reasons.append((key, .archived))
            } catch CaseworkError.conflict(let refusal, _, _, _) where refusal.code == .milestoneArchived {
                reasons.append((key, .retired))
            } catch CaseworkError.conflict(_, _, _, let state) {
                reasons.append((key, .state(state.flatMap(ProgressStatus.init) ?? .open, by: nil)))
            } catch CaseworkError.forbidden {
                reasons.append((key, .forbidden))
            } catch CaseworkError.notFound {
                reasons.append((key, .gone))
            } catch  where !done.isEmpty {
                reasons += seen[index...].map { ($0.key, .notTried) }
                break
            }
        }
        guard !reasons.isEmpty else { return ManyAnswers(done: done, refused: []) }
        // What was done is reported even where nobody can say any more how the rest stands.
        let known = (try? await work(Self.present(reasons.map(\.0)).all(Present.self))) ?? []
        return ManyAnswers(
            done: done,
            refused: reasons.map { key, reason in
                let found = known.first { $0.key == key }
                var reason = reason
                switch reason {
                case .state(let state, _): reason = .state(found?.status ?? state, by: found?.actor)
                case .sentAgain:
                    if let found, found.status != .submitted { reason = .state(found.status, by: found.actor) }
                case .tooLate, .archived, .retired, .forbidden, .gone, .notTried: break
                }
                return .init(key: key, student: found?.student, title: found?.title, reason: reason)
            })
    }

    /// Where some stand now, and who took the last step there.
    private static func present(_ keys: [ProgressKey]) -> SQL {
        """
        select a.milestone_id, a.student_id, (select s.name from students s where s.id = a.student_id) as student, a.title,
               a.status, l.actor
          from unnest(\(keys.map(\.milestone))::int[], \(keys.map(\.student))::int[]) q (milestone_id, student_id)
          join \(ProgressEntry.everything) a on a.milestone_id = q.milestone_id and a.student_id = q.student_id
          left join lateral (
            select coalesce((select d.name from directory d where d.id = v.actor_id),
                            (select t.name from students t where t.id = v.actor_id)) as actor
              from progress_events v
             where v.milestone_id = q.milestone_id and v.student_id = q.student_id and v.enrolled
             order by v.id desc limit 1) l on true
        """
    }

    private struct Present: RowDecodable {
        let key: ProgressKey
        let student, title: String
        let status: ProgressStatus
        let actor: String?

        init(row: Row) throws {
            key = try ProgressKey(row: row)
            student = try row.get("student")
            title = try row.get("title")
            status = try row.get("status")
            actor = try row.get("actor")
        }
    }
}
