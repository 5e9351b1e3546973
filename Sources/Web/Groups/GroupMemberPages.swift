import Casework
import Hummingbird
import Tenancy

/// Who belongs to a group: adding somebody from the directory, naming managers, taking somebody out.
enum GroupMemberPages {
    static let routes: [PageRoute] = [
        .post("/groups/{id}/members", .signedIn(.members)) { visit in
            try await visit.attempt {
                let id = try visit.call.id("id")
                let account = try Fields.read(form: visit.form.fields) { $0.required("accountId", .id) }
                try await members(visit).put(account, in: id, MembershipDraft())
                return visit.redirect("/groups/\(id)", done: .added)
            } again: {
                try await GroupPages.show($0.untyped)
            }
        },
        .post("/groups/{id}/members/{account}/manager", .signedIn(.members)) { visit in
            try await visit.attempt {
                let id = try visit.call.id("id")
                let draft = try Fields.read(form: visit.form.fields) { MembershipDraft(&$0) }
                try await members(visit).put(visit.call.id("account"), in: id, draft)
                return visit.redirect("/groups/\(id)", done: .saved)
            } again: {
                try await GroupPages.show($0.untyped)
            }
        },
        .post("/groups/{id}/members/{account}/remove", .signedIn(.members)) { visit in
            try await visit.attempt {
                let id = try visit.call.id("id")
                try await members(visit).remove(visit.call.id("account"), from: id)
                return visit.redirect("/groups/\(id)", done: .removed)
            } again: {
                try await GroupPages.show($0.untyped)
            }
        },
    ]

    private static func members(_ visit: Visit) throws -> MembershipRepository {
        MembershipRepository(work: try visit.call.work())
    }
}
