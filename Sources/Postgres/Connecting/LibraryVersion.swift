import CLibPQ

/// The libpq this process runs with, which may be another than the one it was built with.
public enum LibraryVersion {
    /// As libpq numbers it: 150020 is 15.20.
    public static var number: Int { Int(PQlibVersion()) }
}
