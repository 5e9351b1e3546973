// swift-tools-version: 6.1
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("ExistentialAny"),
]

let package = Package(
    name: "waymark",
    products: [.executable(name: "waymark", targets: ["CLI"])],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.10.1"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: [.defaults, "YAML"]),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "Dates", swiftSettings: strict),
        .target(name: "Events", swiftSettings: strict),
        .target(name: "Mail", dependencies: ["CCurl", "Dates"], swiftSettings: strict),
        .target(name: "Networks", swiftSettings: strict),
        .target(name: "Outgoing", dependencies: ["CCurl", "Networks"], swiftSettings: strict),
        .target(name: "Certificates", dependencies: ["COpenSSL"], swiftSettings: strict),
        .target(name: "Postgres", dependencies: ["CLibPQ", "COpenSSL", "Dates", "Events"], swiftSettings: strict),
        .target(name: "PrivatePostgres", dependencies: ["CLibPQ", "Postgres"], swiftSettings: strict),
        .target(
            name: "SchemaFiles", path: "sql", exclude: ["README.md", "matrix.csv"],
            resources: [.copy("cluster"), .copy("platform"), .copy("institution"), .copy("reports")],
            swiftSettings: strict),
        .target(
            name: "Tenancy",
            dependencies: ["COpenSSL", "Postgres", "SchemaFiles"], swiftSettings: strict),
        .target(
            name: "Casework",
            dependencies: ["Dates", "Events", "Outgoing", "Tenancy", "Postgres", "COpenSSL", "CZlib"],
            resources: [.copy("Passwords/common-passwords.txt")], swiftSettings: strict),
        .target(
            name: "Web",
            dependencies: [
                "Casework", "Dates", "Events", "Mail", "Networks", "Outgoing", "Tenancy",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdHTTP2", package: "hummingbird"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            resources: [.copy("Texts"), .copy("Assets")],
            swiftSettings: strict),
        .executableTarget(
            name: "CLI",
            dependencies: [
                "Web", "Casework", "Certificates", "Dates", "Events", "Mail", "Networks", "Outgoing", "Tenancy",
                "Postgres", "PrivatePostgres",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),
        .target(
            name: "TestSupport",
            dependencies: [
                "COpenSSL", "CZlib", "Web", "Casework", "Certificates", "Dates", "Events", "Tenancy", "Postgres",
                "PrivatePostgres",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHPACK", package: "swift-nio-http2"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            path: "Tests/TestSupport", exclude: ["analyst", "mail", "provider", "python", "roster", "scim"],
            swiftSettings: strict),
        .executableTarget(
            name: "Bench",
            dependencies: [
                "Web", "Casework", "Mail", "Tenancy", "Postgres", "PrivatePostgres",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ], path: "Tests/Bench", exclude: ["idle.py", "peer"], swiftSettings: strict),
        .testTarget(
            name: "PostgresTests",
            dependencies: ["CLibPQ", "Dates", "Events", "Postgres", "PrivatePostgres", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "TenancyTests",
            dependencies: [
                "SchemaFiles", "Tenancy", "Postgres", "PrivatePostgres", "TestSupport",
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "CaseworkTests",
            dependencies: ["Dates", "Events", "Outgoing", "Casework", "Tenancy", "Postgres", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "WebTests",
            dependencies: [
                "Web", "Casework", "Dates", "Events", "Mail", "Networks", "Outgoing", "Tenancy", "Postgres",
                "PrivatePostgres", "TestSupport",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ], exclude: ["API/routes.csv", "Imports/Rosters", "Imports/Ugly"], swiftSettings: strict),
        .testTarget(
            name: "CLITests",
            dependencies: [
                "CLI", "Casework", "Certificates", "Dates", "Events", "Outgoing", "Postgres", "PrivatePostgres",
                "Tenancy", "TestSupport", "Web",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
            ], swiftSettings: strict),
        .testTarget(
            name: "MailTests", dependencies: ["Mail", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "OutgoingTests",
            dependencies: [
                "Networks", "Outgoing", "TestSupport", "Web",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "NIOCore", package: "swift-nio"),
            ], swiftSettings: strict),
        .testTarget(name: "ArchitectureTests", swiftSettings: strict),
    ]
)

// The readers of outside input for libFuzzer, which brings a `main` of its own and must be asked for: see `make fuzz-guided`.
if Context.environment["WAYMARK_FUZZING"] != nil {
    package.targets.append(
        .executableTarget(
            name: "Fuzzing", dependencies: ["Web", "Casework", "Dates", "Postgres"], path: "Tests/Fuzzing",
            swiftSettings: strict))
}
