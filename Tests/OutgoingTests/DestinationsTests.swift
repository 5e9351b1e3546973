import Networks
import Testing

@testable import Outgoing

@Suite struct DestinationsTests {
    @Test(arguments: [
        "8.8.8.8", "93.184.216.34", "100.63.255.255", "100.128.0.0", "172.15.0.1", "172.32.0.1", "192.167.1.1",
        "2606:4700::1111", "2a00:1450:4001::1", "64:ff9b::8.8.8.8",
    ])
    func `the public network may be reached`(text: String) throws {
        #expect(Destinations.isPublic(try #require(NetworkAddress(text))))
    }

    @Test(arguments: [
        "0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.255.255.255", "169.254.169.254", "172.16.0.1",
        "172.31.9.9",
        "192.168.0.1", "192.0.0.8", "198.18.0.1", "224.0.0.1", "239.255.255.255", "255.255.255.255", "::", "::1",
        "::ffff:10.0.0.1", "::ffff:127.0.0.1", "::127.0.0.1", "fe80::1", "fc00::1", "fd00:ec2::254", "fec0::1",
        "ff02::1",
        "2001:db8::1", "2002:7f00:1::", "2001::1", "64:ff9b::169.254.169.254", "64:ff9b:1::1", "100::1", "5f00::1",
    ])
    func `what is private, near, or many at once may not`(text: String) throws {
        #expect(!Destinations.isPublic(try #require(NetworkAddress(text))))
    }
}
