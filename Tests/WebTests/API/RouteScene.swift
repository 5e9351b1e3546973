import Casework
import Foundation
import HTTPTypes
import Postgres
import Tenancy
import TestSupport

/// Callers of an institution, and objects of two scopes, made anew whenever a request has changed something.
///
/// Own: a group of the director's department, managed by the manager, with the staff member in it; a cohort it supports,
/// with a milestone, a file and the calling student, who has submitted. Other: the same of another department.
struct RouteScene {
    let place: TestInstitution
    private let connection: Connection
    private var people: [RouteMatrix.Caller: TestInstitution.Person] = [:]
    private let program: SessionToken
    private let provider: SessionToken
    private var number = 0
    private var isStale = true

    init(delegated: Bool) async throws {
        place = try await TestInstitution.make()
        connection = try await Connection.connect(
            conninfo: place.database.superuser, connectTimeout: .seconds(10))
        for caller in RouteMatrix.Caller.allCases where Role(rawValue: caller.rawValue) != nil {
            people[caller] = try await place.person(caller.rawValue)
        }
        program = SessionToken(kind: .api, institution: place.institution.id, secret: try Secret.random())
        provider = SessionToken(kind: .api, institution: place.institution.id, secret: try Secret.random())
        try await place.run(
            """
            insert into api_tokens (token_hash, name, scopes, maker_id, expires_at)
            values (\(program.hash), 'program', '{read,write}', \(id(.admin)), now() + interval '1 day'),
              (\(provider.hash), 'provider', '{scim}', \(id(.admin)), now() + interval '1 day')
            """)
        try await place.run(
            """
            insert into cards (account_id, account_role, published)
            select id, role, true from accounts where role <> 'student'
            """)
        try await place.run(
            "update settings set student_visibility = true, cohort_delegation = \(delegated)::boolean")
    }

    func close() async { await connection.close() }

    /// Of a token, its maker's.
    func id(_ caller: RouteMatrix.Caller) -> Int { (people[caller] ?? people[.admin])?.id ?? 0 }

    func client(_ caller: RouteMatrix.Caller, at host: TestInstitution? = nil) -> TestClient {
        let token =
            switch caller {
            case .token: program
            case .scim: provider
            default: people[caller]?.token
            }
        return (host ?? place).client().signedIn(token?.text)
    }

    /// Puts away what a request has changed, and makes it anew. Ids: own ones end in 1, other ones in 2.
    private mutating func refresh() async throws {
        number += 100
        let (own, other, third) = (number + 1, number + 2, number + 3)
        let (member, stranger, mate, outsider) = (number + 5, number + 6, number + 7, number + 8)
        let department = "insert into departments (id, name) overriding system value values"
        try await connection.execute(
            script: """
                set search_path = \(place.institution.schema), pg_temp;
                update cohorts set archived_at = now() where archived_at is null;
                update groups set archived_at = now() where archived_at is null;
                delete from department_directors where department_id < \(number);
                insert into sessions (token_hash, account_id, expires_at)
                  values \(sessions) on conflict (token_hash) do update set expires_at = excluded.expires_at;
                insert into accounts (id, email, given_name, role) overriding system value
                  values (\(member), 'a\(member)@x.edu', 'M', 'staff'), (\(stranger), 'a\(stranger)@x.edu', 'S', 'staff'),
                    (\(mate), 'a\(mate)@x.edu', 'T', 'student'), (\(outsider), 'a\(outsider)@x.edu', 'O', 'student');
                insert into cards (account_id, account_role) values (\(member), 'staff'), (\(stranger), 'staff');
                \(department) (\(own), 'D\(own)'), (\(other), 'D\(other)');
                insert into department_directors (department_id, account_id) values (\(own), \(id(.director)));
                insert into groups (id, name, department_id) overriding system value values
                  (\(own), 'G\(own)', \(own)), (\(other), 'G\(other)', \(other)), (\(third), 'G\(third)', \(own));
                insert into group_members (group_id, account_id, account_role, manager) values
                  (\(own), \(id(.manager)), 'manager', true), (\(own), \(id(.staff)), 'staff', false),
                  (\(own), \(member), 'staff', false), (\(other), \(stranger), 'staff', false);
                insert into cohort_categories (id, name) overriding system value
                  values (\(own), 'K\(own)'), (\(other), 'K\(other)');
                insert into cohorts (id, category_id, name) overriding system value
                  values (\(own), \(own), 'C\(own)'), (\(other), \(other), 'C\(other)');
                insert into cohort_groups (cohort_id, group_id) values (\(own), \(own)), (\(other), \(other));
                insert into enrollments (cohort_id, student_id)
                  values (\(own), \(id(.student))), (\(own), \(mate)), (\(other), \(outsider));
                insert into milestones (id, cohort_id, title, saved) overriding system value
                  values (\(own), \(own), 'M', true), (\(other), \(other), 'M', true);
                insert into milestone_files (id, cohort_id, milestone_id, milestone_saved, name, content_type, size, complete)
                  overriding system value select n, n, n, true, 'f', 'text/plain', 1, true
                  from unnest(array[\(own), \(other)]) n;
                insert into file_chunks (file_id, n, cohort_id, milestone_saved, bytes)
                  select n, 0, n, true, '\\x78' from unnest(array[\(own), \(other)]) n;
                insert into progress (milestone_id, student_id, cohort_id, completion, status) values
                  (\(own), \(id(.student)), \(own), 'staff', 'submitted'), (\(own), \(mate), \(own), 'staff', 'submitted'),
                  (\(other), \(outsider), \(other), 'staff', 'submitted');
                insert into extensions (milestone_id, student_id, cohort_id, status, asked_for) values
                  (\(own), \(id(.student)), \(own), 'asked', '2026-12-01'), (\(own), \(mate), \(own), 'asked', '2026-12-01'),
                  (\(other), \(outsider), \(other), 'asked', '2026-12-01');
                insert into scim_groups (id, display_name) overriding system value
                  select n, 'S' from unnest(array[\(own), \(other)]) n;
                insert into scim_users (id, user_name) overriding system value
                  select n, 'u' || n from unnest(array[\(own), \(other)]) n;
                insert into scim_group_rules (scim_group_id, role) values (\(own), 'student'), (\(other), 'student');
                delete from authenticators;
                insert into authenticators (account_id, seed, confirmed_at) select id, 'v1', case when id in (\(member), \(stranger)) then now() end
                  from accounts where id in (\(callers), \(member), \(stranger));
                insert into sessions (id, token_hash, account_id, expires_at) overriding system value
                  select \(number) * 1000 + id, sha256(convert_to('\(number) ' || id, 'UTF8')), id, now() + interval '1 hour'
                  from accounts where id in (\(callers), \(member));
                delete from calendar_feeds;
                insert into calendar_feeds (account_id, token_hash, language)
                  select n, sha256(convert_to(n::text, 'UTF8')), 'en' from unnest(array[\(callers)]) n;
                insert into progress_events (milestone_id, student_id, cohort_id, actor_id, from_status, to_status)
                  select milestone_id, student_id, cohort_id, student_id, 'open', status from progress
                   where milestone_id in (\(own), \(other));
                insert into submission_files
                  (id, cohort_id, milestone_id, milestone_saved, student_id, event_id, name, content_type, size)
                  overriding system value
                  select v.milestone_id * 10 + case v.student_id when \(id(.student)) then 1 else 2 end, v.cohort_id, v.milestone_id, true, v.student_id, v.id, 'f', 'text/plain', 1
                    from progress_events v where v.milestone_id in (\(own), \(other));
                insert into submission_chunks (file_id, n, cohort_id, student_id, bytes)
                  select id, 0, cohort_id, student_id, '\\x78' from submission_files where milestone_id in (\(own), \(other));
                insert into mail_templates (language, subject, opening, closing)
                  values ('en', 's', 'o', ''), ('es', 's', 'o', '') on conflict do nothing;
                delete from mailed_reports;
                insert into mailed_reports (id, report, weekday, hour, recipients) overriding system value
                  select n, 'staff-load', 1, 8, '{\(id(.admin))}' from unnest(array[\(own), \(other)]) n;
                insert into folder_files (id, name, state, started_at, fault) overriding system value
                  select n, 'f', 'waiting', now(), 'stopped' from unnest(array[\(own), \(other)]) n;
                delete from saved_views;
                insert into saved_views (id, account_id, name, query) overriding system value
                  values \(views);
                insert into mails (id, account_id, kind, day, since, message_id, state, settled_at) overriding system value
                  select n, \(mate), 'reminder', date '2026-01-01' + n, date '2026-01-01', n::text, 'failed', now()
                  from unnest(array[\(own), \(other)]) n;
                insert into api_tokens (id, token_hash, name, scopes, maker_id, expires_at) overriding system value
                  select n, sha256(convert_to(n::text, 'UTF8')), 'T', '{read}', \(id(.admin)), now() + interval '1 day'
                  from unnest(array[\(own), \(other)]) n;
                """)
    }

    /// The callers' sessions, for signing out ends one.
    private var sessions: String {
        people.values.map { person in
            let hash = person.token.hash.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
            return "('\\x\(hash)', \(person.id), now() + interval '1 hour')"
        }.joined(separator: ", ")
    }

    private var callers: String { people.values.map { String($0.id) }.joined(separator: ", ") }

    /// A saved view of each caller, and one of somebody else.
    private var views: String {
        people.values.map { "(\(number + 1_000_000 + $0.id), \($0.id), 'V\(number)', '')" }.joined(separator: ", ")
            + ", (\(number + 2), \(number + 5), 'V\(number)', '')"
    }

    /// The path of a line, naming this round's objects.
    func path(_ line: RouteMatrix.Line, as caller: RouteMatrix.Caller) -> String {
        let base = line.scope == "other" ? number + 2 : number + 1
        let parts = line.path.split(separator: "/").map(String.init)
        return WalkedRoute.base(line.path) + "/"
            + parts.enumerated().map { index, part in
                switch part {
                case "{id}" where parts[0] == "me":
                    String(number * 1000 + (line.scope == "own" ? id(caller) : number + 5))
                case "{id}" where parts.contains("Groups"): "g\(base)"
                case "{id}" where parts[0] == "accounts": String(account(line, caller))
                case "{id}" where parts[0] == "views" && line.scope == "own": String(number + 1_000_000 + id(caller))
                case "{id}" where parts[0] == "students": String(number + (line.scope == "other" ? 8 : 7))
                // a student's own cohort holds another student
                case "{id}" where caller == .student && line.path.contains("{studentId}"): String(number + 1)
                case "{id}": String(base)
                case "{studentId}": String(student(line, caller))
                case "{fileId}":
                    String(
                        (caller == .student ? number + 1 : base) * 10 + (student(line, caller) == id(.student) ? 1 : 2))
                case "{accountId}" where parts[0] == "departments": String(id(.director))
                case "{accountId}" where parts[0] == "groups": String(number + (line.scope == "other" ? 6 : 5))
                case "{accountId}": String(number + (line.scope == "other" ? 8 : 7))
                case "{groupId}": String(line.method == "PUT" ? number + 3 : base)
                case "{action}" where parts[2] == "extensions": caller == .student ? "withdraw" : "decline"
                case "{action}": caller == .student ? "withdraw" : "complete"
                case "{report}": line.scope == "own" ? "staff-load" : "students-behind"
                case "{language}": line.scope == "own" ? "en" : "es"
                case "{secret}": "unknown"
                case "{name}" where parts.contains("Schemas"):
                    line.scope == "own" ? SCIMSchema.enterprise : SCIMSchema.group
                case "{name}": line.scope == "own" ? "User" : "Group"
                default: part
                }
            }.joined(separator: "/")
    }

    private func account(_ line: RouteMatrix.Line, _ caller: RouteMatrix.Caller) -> Int {
        switch line.scope {
        case "member": number + 5
        case "other": number + 6
        default: line.path.hasSuffix("/card") ? id(caller) : number + 5
        }
    }

    private func student(_ line: RouteMatrix.Line, _ caller: RouteMatrix.Caller) -> Int {
        if caller == .student { return line.scope == "other" ? number + 7 : id(.student) }
        return line.scope == "other" ? number + 8 : number + 7
    }

    /// Something the route would take.
    mutating func send(
        _ line: RouteMatrix.Line, as caller: RouteMatrix.Caller, at host: TestInstitution? = nil,
        headers: HTTPFields = [:]
    ) async throws -> TestClient.Answer {
        guard let method = HTTPRequest.Method(line.method) else { throw CaseworkError.notFound }
        if isStale { try await refresh() }
        isStale = method != .get
        let answer = try await attempt(line, method, caller, host, headers)
        if answer.status >= 400 { isStale = false }
        return answer
    }

    private func attempt(
        _ line: RouteMatrix.Line, _ method: HTTPRequest.Method, _ caller: RouteMatrix.Caller, _ host: TestInstitution?,
        _ headers: HTTPFields
    ) async throws -> TestClient.Answer {
        let path = path(line, as: caller)
        let client = client(caller, at: host)
        switch line.route {
        case "POST /milestones/{id}/files":
            let headers: HTTPFields = [.contentDisposition: "attachment; filename=\"a.txt\""]
            return try await client.send(
                method, path, body: Array("x".utf8), contentType: "text/plain", headers: headers)
        case "POST /imports/oneroster":
            let manifest = "propertyName,value\noneroster.version,1.1\nfile.orgs,bulk\n"
            let zip = ZipWriter.archive([.init("manifest.csv", manifest), .init("orgs.csv", "sourcedId,name,type\n")])
            return try await client.send(method, path, body: zip, contentType: "application/zip")
        case "POST /imports/students", "POST /imports/staff":
            let file = "email,given_name,family_name,role\ni\(number)@x.edu,I,J,staff\n"
            return try await client.send(method, path, body: Array(file.utf8), contentType: "text/csv")
        default:
            return try await client.send(method, path, json: body(line, caller), headers: headers)
        }
    }

    private func body(_ line: RouteMatrix.Line, _ caller: RouteMatrix.Caller) -> String? {
        switch line.route {
        case "POST /accounts": #"{"email":"n\#(number)@x.edu","givenName":"N","role":"student"}"#
        case "PATCH /imports/oneroster/rules": #"{"classText":"N\#(number)"}"#
        case "POST /report-mails":
            #"{"report":"staff-load","weekday":1,"hour":8,"recipients":[\#(id(.admin))]}"#
        case "PATCH /report-mails/{id}": #"{"hour":9}"#
        case "PATCH /settings/retention": #"{"mailsDays":500}"#
        case "POST /students/{id}/erasure": #"{"confirmation":"N"}"#
        case "PATCH /scim": #"{"defaultRole":null}"#
        case "POST /scim/v2/Users", "PUT /scim/v2/Users/{id}": #"{"userName":"n\#(number)-\#(line.scope)"}"#
        case "POST /scim/v2/Groups", "PUT /scim/v2/Groups/{id}": #"{"displayName":"N"}"#
        case "PATCH /scim/v2/Users/{id}", "PATCH /scim/v2/Groups/{id}":
            #"{"Operations":[{"op":"add","path":"displayName","value":"N"}]}"#
        case "POST /scim/v2/.search", "POST /scim/v2/Users/.search", "POST /scim/v2/Groups/.search": "{}"
        case "PUT /scim/groups/{id}/rule": #"{"role":"staff"}"#
        case "PATCH /accounts/{id}": #"{"givenName":"N"}"#
        case "POST /session": #"{"email":"nobody@x.edu","password":"nothing at all"}"#
        case "POST /session/code": #"{"challenge":"unknown","code":"123456"}"#
        case "POST /me/authenticator/confirmation": #"{"code":"nonsense"}"#
        case "POST /me/authenticator/recovery-codes", "POST /me/authenticator/removal":
            #"{"password":"nothing at all"}"#
        case "POST /invitations/{secret}": #"{"password":"four words and more"}"#
        case "POST /invitations": #"{"accountIds":[\#(number + 5)]}"#
        case "POST /password-resets": #"{"email":"a\#(number + 5)@x.edu"}"#
        case "PUT /imports/columns": #"{"columns":[]}"#
        case "POST /imports/folder/files/{id}/approve": #"{"mostSuspended":1}"#
        case "POST /views": #"{"name":"N","query":"overdue=true"}"#
        case "POST /inbox/read": #"{"ids":["x"]}"#
        case "POST /tokens":
            #"{"name":"N","expiresAt":"\#(Instant.tomorrow)","scopes":["read"]}"#
        case "POST /categories/{id}/cohorts", "POST /categories", "POST /departments":
            #"{"name":"N\#(number)"}"#
        case "POST /groups": #"{"name":"N\#(number)","departmentId":\#(number + 1)}"#
        case "POST /cohorts/{id}/students":
            #"{"email":"a\#(number + (line.scope == "other" ? 7 : 8))@x.edu"}"#
        case "PATCH /milestones/{id}": #"{"title":"N"}"#
        case "PUT /cohorts/{id}/milestone-order": #"{"milestoneIds":[\#(number + (line.scope == "other" ? 2 : 1))]}"#
        case "POST /milestones/{id}/extensions/{studentId}/{action}":
            caller == .student ? nil : #"{"comment":"N"}"#
        case "POST /cohorts/{id}/milestone-copies":
            // of the other scope, which delegates do not see
            #"{"fromCohortId":\#(number + (line.scope == "other" ? 1 : 2))}"#
        case "POST /cohorts/{id}/successors": #"{"name":"N\#(number)"}"#
        case "PUT /mail-templates/{language}", "POST /mail-templates/{language}/preview":
            #"{"subject":"N","opening":"N"}"#
        case "PUT /settings/logo": "RIFF....WEBP"
        case "PUT /accounts/{id}/identity": #"{"awaited":true}"#
        case "PUT /settings/identity-provider", "PUT /settings/roster-source", "PUT /imports/folder",
            "PUT /accounts/{id}/card",
            "POST /cohorts/{id}/milestones":
            "{}"
        case "PUT /cohorts/{id}/students/{accountId}/contact": #"{"accountId":null}"#
        case "PUT /groups/{id}/members/{accountId}": #"{"manager":false}"#
        default: line.method == "PATCH" ? #"{"name":"N\#(number)"}"# : nil
        }
    }
}

private enum Instant {
    static var tomorrow: String { Date.now.addingTimeInterval(86_400).formatted(.iso8601) }
}
