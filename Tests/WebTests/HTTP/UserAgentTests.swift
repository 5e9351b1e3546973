import TestSupport
import Testing

@testable import Web

@Suite struct UserAgentTests {
    fileprivate static let windows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"
    private static let mac = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"
    private static let webKit = "AppleWebKit/537.36 (KHTML, like Gecko)"

    @Test(arguments: [
        ("\(windows) \(webKit) Chrome/142.0 Safari/537.36 Edg/142.0", "Edge, Windows"),
        ("\(windows) \(webKit) Chrome/142.0 Safari/537.36", "Chrome, Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox, Linux"),
        ("\(mac) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15", "Safari, macOS"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) \(webKit) CriOS/142.0 Safari/604.1", "Chrome, iPhone"),
        ("Mozilla/5.0 (Linux; Android 10; K) \(webKit) Chrome/142.0 Mobile Safari/537.36", "Chrome, Android"),
        ("curl/8.5.0", "curl"), ("<script>", nil), ("", nil),
    ])
    func `a program is named in short`(_ header: String, _ name: String?) {
        #expect(UserAgent.name(of: header) == name)
    }
}

@Suite struct UserAgentFuzzTests {
    @Test func `whatever is said, the name is short and plain`() {
        #expect(UserAgent.name(of: nil) == nil)
        let pieces = ["Firefox/", "Edg", "Linux", "Android", "(", ";", "curl", "/1", "\u{0}", "é"]
        #expect(
            Fuzz.faultInText(samples: [UserAgentTests.windows, "curl/8.5.0"], pieces: pieces) { text in
                guard let name = UserAgent.name(of: text) else { return true }
                return (1...60).contains(name.utf8.count) && name.utf8.allSatisfy { (0x20...0x7e).contains($0) }
            } == nil)
    }
}
