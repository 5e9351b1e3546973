import Testing

@testable import Casework

@Suite struct SignInCountersTests {
    @Test(arguments: [
        ("192.0.2.7", "192.0.2.7"), ("::ffff:192.0.2.7", "192.0.2.7"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2:0:0:0:0"),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::"), ("fe80::1%eth0", "fe80::2"),
    ])
    func `one client is one IPv4 address or one IPv6 network`(one: String, other: String) {
        #expect(SignInCounters.client(of: one) == SignInCounters.client(of: other))
    }

    @Test func `neighboring networks are different clients`() {
        #expect(SignInCounters.client(of: "2001:db8:1:2::1") != SignInCounters.client(of: "2001:db8:1:3::1"))
        #expect(SignInCounters.client(of: "192.0.2.1") != SignInCounters.client(of: "192.0.2.2"))
    }

    @Test func `the menu shows what is open to a role`() {
        #expect(Me.menu(of: .admin, isVisible: false, isDelegated: false) == [.caseManagement, .cohorts, .settings])
        #expect(Me.menu(of: .manager, isVisible: true, isDelegated: false) == [.caseManagement])
        #expect(Me.menu(of: .director, isVisible: true, isDelegated: true) == [.caseManagement, .cohorts])
        #expect(Me.menu(of: .staff, isVisible: true, isDelegated: true) == [.caseManagement])
        #expect(Me.menu(of: .student, isVisible: false, isDelegated: true) == [])
        #expect(Me.menu(of: .student, isVisible: true, isDelegated: false) == [.dashboard])
    }
}
