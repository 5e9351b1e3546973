import Casework
import TestSupport
import Testing

@testable import Web

/// What an address may make a page say.
@Suite struct NoticeTests {
    private func query(_ address: String) -> String {
        String(address.drop { $0 != "?" }.dropFirst().prefix { $0 != "#" })
    }

    @Test func `a sealed notice comes back whole, to its session alone`() throws {
        let (mine, other) = (try Secret.random(), try Secret.random())
        let notice = Notice(done: .approved, subject: "A & B, #1 <é>\nx", undo: ["3-7-2", "3-8-1"])
        let address = notice.address("/queue?age=2#progress-3-9", secret: mine)
        #expect(address.hasPrefix("/queue?age=2&done=approved&what=") && address.hasSuffix("#progress-3-9"))
        let found = try #require(Notice(query: query(address), secret: mine))
        #expect(found.done == .approved && found.count == 1)
        #expect(found.subject == notice.subject && found.undo == notice.undo)
        for secret in [other, nil] {
            let plain = try #require(Notice(query: query(address), secret: secret))
            #expect(plain.done == .approved && plain.subject == nil && plain.undo.isEmpty)
        }
    }

    @Test func `whatever is changed in it leaves the plain sentence`() throws {
        let secret = try Secret.random()
        let sealed = query(Notice(done: .approved, subject: "Meet, Ada", undo: ["3-7-2"]).address("/", secret: secret))
        for (was, becomes) in [
            ("approved", "waived"), ("Ada", "Eve"), ("3-7-2", "3-8-2"), ("&undo=3-7-2", ""), ("what=", "n=2&what="),
            ("seal=", "seal=A"), ("&seal=", "&x="),
        ] {
            let changed = try #require(Notice(query: sealed.replacing(was, with: becomes), secret: secret), "\(was)")
            #expect(changed.subject == nil && changed.undo.isEmpty, "\(was)")
        }
    }

    @Test func `without a session nothing is named`() {
        let address = Notice(done: .passwordSet, subject: "x", undo: ["1-1-1"]).address("/sign-in", secret: nil)
        #expect(address == "/sign-in?done=passwordSet")
        #expect(Notice(query: "done=nothing", secret: nil) == nil && Notice(query: "", secret: nil) == nil)
        #expect(Notice.others(than: "a=1&done=x&n=2&what=y&undo=z&seal=s&nn=3") == ["a=1", "nn=3"])
    }

    @Test func `a crafted link puts no word and no button into a page`() async throws {
        let it = try await TestCohort.make()
        let browser = it.place.client().asBrowser(it.staff)
        for address in [
            "/queue?done=approved&what=Call%20555&undo=1-1-1&seal=AAAAAAAAAAAAAAAAAAAAAA",
            "/queue?done=approved&what=Call%20555",
            "/queue?done=approved&undo=1-1-1&seal=", "/queue?done=approved&what=%FF&seal=%FF",
        ] {
            let page = try await browser.get(address).text
            #expect(!page.contains("555") && !page.contains("/undo"), "\(address)")
        }
        let plain = try await browser.get("/queue?done=approved&what=Call%20555").text
        #expect(plain.contains("<div class=\"notice\" role=\"status\">Approved.</div>"))
    }
}
