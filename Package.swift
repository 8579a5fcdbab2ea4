// swift-tools-version: 6.2

// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

/// What every Swift target of ours is compiled with.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

// Homebrew keeps hiredis outside the default search paths. On Linux its pkg-config file adds include paths that make
// `<hiredis/hiredis.h>` ambiguous, and the system's default paths are enough.
#if os(macOS)
    let hiredisConfig: String? = "hiredis"
#else
    let hiredisConfig: String? = nil
#endif

let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let deque = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let heap = Target.Dependency.product(name: "HeapModule", package: "swift-collections")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

// The house, strictly downward: a target may import what is written beside it and nothing else.
// `Scripts/check-imports` holds every `import` against this list.
let package = Package(
    name: "StreamBroker",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "StreamBroker", targets: ["StreamBroker"]),
        .library(name: "BrokerCore", targets: ["BrokerCore"]),
        .library(name: "BrokerTestKit", targets: ["BrokerTestKit"]),
        .library(name: "BrokerOperations", targets: ["BrokerOperations"]),
        .executable(name: "streambroker", targets: ["BrokerCommand"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-log.git", from: "1.6.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.8.0"),
        .package(url: "https://github.com/apple/swift-collections.git", from: "1.2.0"),
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.5.0"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.86.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.33.0"),
        // For an example alone; a program that uses StreamBroker does not resolve it.
        .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.2"),
    ],
    targets: [
        .systemLibrary(name: "CLibYAML", providers: [.apt(["libyaml-dev"]), .brew(["libyaml"])]),
        .systemLibrary(
            name: "CHiredis", pkgConfig: hiredisConfig, providers: [.apt(["libhiredis-dev"]), .brew(["hiredis"])]),
        .target(name: "BrokerCore", dependencies: [logging, lifecycle], swiftSettings: settings),
        .target(
            name: "BrokerEngine", dependencies: ["BrokerCore", logging, lifecycle, deque, heap], swiftSettings: settings
        ),
        .target(
            name: "BrokerMemory", dependencies: ["BrokerCore", logging, lifecycle, deque, heap], swiftSettings: settings
        ),
        .target(name: "BrokerYAML", dependencies: ["BrokerCore", "CLibYAML"], swiftSettings: settings),
        .target(
            name: "RedisWire", dependencies: ["CHiredis", nioCore, nioPosix, nioSSL, logging, deque],
            swiftSettings: settings),
        .target(
            name: "BrokerRedis", dependencies: ["BrokerCore", "BrokerMemory", "RedisWire", logging, lifecycle, deque],
            resources: [.embedInCode("Lua")], swiftSettings: settings),
        .target(
            name: "StreamBroker",
            dependencies: [
                "BrokerCore", "BrokerEngine", "BrokerMemory", "BrokerRedis", "BrokerYAML", logging, lifecycle,
            ],
            swiftSettings: settings),
        .target(
            name: "BrokerTestKit",
            dependencies: ["BrokerCore", "BrokerEngine", "BrokerMemory", logging, lifecycle, deque, heap],
            swiftSettings: settings),
        .target(
            name: "BrokerOperations", dependencies: ["BrokerCore", "BrokerEngine", logging], swiftSettings: settings),
        .executableTarget(
            name: "BrokerCommand", dependencies: ["BrokerCore", "BrokerOperations", "StreamBroker", arguments],
            swiftSettings: settings),
        .target(
            name: "ExampleSupport", dependencies: ["StreamBroker"], path: "Examples/Support", swiftSettings: settings),
        .executableTarget(
            name: "QuickStart", dependencies: ["StreamBroker"], path: "Examples/QuickStart", exclude: ["brokers.yaml"],
            swiftSettings: settings),
        .executableTarget(
            name: "Orders", dependencies: ["ExampleSupport", "StreamBroker"], path: "Examples/Orders",
            exclude: ["brokers.yaml"], swiftSettings: settings),
        .executableTarget(
            name: "Webhooks", dependencies: ["ExampleSupport", "StreamBroker"], path: "Examples/Webhooks",
            exclude: ["brokers.yaml"], swiftSettings: settings),
        // As a package of its own would have it: nothing but what the product shows.
        .target(
            name: "DirectoryBroker", dependencies: ["BrokerCore"], path: "Examples/CustomProvider/DirectoryBroker",
            packageAccess: false, swiftSettings: settings),
        .executableTarget(
            name: "CustomProvider", dependencies: ["DirectoryBroker", "ExampleSupport", "StreamBroker"],
            path: "Examples/CustomProvider/App", exclude: ["brokers.yaml"], swiftSettings: settings),
        .executableTarget(
            name: "LiveFeed", dependencies: ["ExampleSupport", "StreamBroker"], path: "Examples/LiveFeed",
            exclude: ["brokers.yaml"], swiftSettings: settings),
        .executableTarget(
            name: "ContactCenter", dependencies: ["ExampleSupport", "StreamBroker"], path: "Examples/ContactCenter",
            exclude: ["brokers.yaml"], swiftSettings: settings),
        .executableTarget(
            name: "SealedLetters", dependencies: ["ExampleSupport", "StreamBroker", crypto],
            path: "Examples/SealedLetters", exclude: ["brokers.yaml"], swiftSettings: settings),
        .executableTarget(
            name: "ProgramUnderTest", dependencies: ["BrokerCore", "BrokerEngine", "BrokerMemory", "StreamBroker"],
            path: "Tests/Programs/ProgramUnderTest", swiftSettings: settings),
        .executableTarget(
            name: "CrashWorker", dependencies: ["StreamBroker", lifecycle, signals], path: "Tests/Programs/CrashWorker",
            swiftSettings: settings),
        .target(
            name: "BrokerSimulation",
            dependencies: ["BrokerCore", "BrokerEngine", "BrokerMemory", "BrokerTestKit", logging],
            path: "Tests/Simulation", swiftSettings: settings),
        .executableTarget(
            name: "Simulate", dependencies: ["BrokerSimulation"], path: "Tests/Programs/Simulate",
            swiftSettings: settings),
        // What `Scripts/fuzz` and the tests attack the decoders with.
        .target(
            name: "FuzzTargets",
            dependencies: ["BrokerCore", "BrokerRedis", "BrokerTestKit", "BrokerYAML", "RedisWire", "StreamBroker"],
            path: "Tests/Fuzzing/Targets", swiftSettings: settings),
        .executableTarget(
            name: "Fuzz", dependencies: ["FuzzTargets"], path: "Tests/Programs/Fuzz", swiftSettings: settings),
        .testTarget(
            name: "FuzzTests",
            dependencies: ["BrokerCore", "BrokerRedis", "BrokerTestKit", "BrokerYAML", "FuzzTargets", "RedisWire"],
            swiftSettings: settings),
        .testTarget(name: "BrokerCoreTests", dependencies: ["BrokerCore", "BrokerTestKit"], swiftSettings: settings),
        .testTarget(
            name: "BrokerEngineTests",
            dependencies: [
                "BrokerCore", "BrokerEngine", "BrokerMemory", "BrokerSimulation", "BrokerTestKit", "RedisTestSupport",
                logging,
            ],
            swiftSettings: settings),
        .testTarget(
            name: "BrokerMemoryTests", dependencies: ["BrokerCore", "BrokerMemory", "BrokerTestKit", logging],
            swiftSettings: settings),
        .testTarget(
            name: "BrokerTestKitTests",
            dependencies: ["BrokerCore", "BrokerEngine", "BrokerMemory", "BrokerTestKit", lifecycle, logging],
            swiftSettings: settings),
        .testTarget(name: "BrokerYAMLTests", dependencies: ["BrokerCore", "BrokerYAML"], swiftSettings: settings),
        .target(
            name: "RedisTestSupport", dependencies: ["RedisWire", nioCore, nioPosix, logging],
            path: "Tests/RedisTestSupport", swiftSettings: settings),
        .testTarget(
            name: "RedisWireTests",
            dependencies: ["RedisWire", "RedisTestSupport", nioCore, nioPosix, nioSSL, logging],
            swiftSettings: settings),
        .testTarget(
            name: "BrokerRedisTests",
            dependencies: [
                "BrokerCore", "BrokerEngine", "BrokerMemory", "BrokerRedis", "BrokerTestKit", "BrokerYAML",
                "RedisTestSupport", "RedisWire", "StreamBroker", lifecycle, logging,
            ],
            resources: [.embedInCode("Scripts/Former")], swiftSettings: settings),
        .testTarget(
            name: "BrokerOperationsTests",
            dependencies: [
                "BrokerCore", "BrokerEngine", "BrokerOperations", "RedisTestSupport", "RedisWire", "StreamBroker",
                logging,
            ],
            swiftSettings: settings),
        .testTarget(
            name: "BrokerCommandTests",
            dependencies: [
                "BrokerCommand", "BrokerCore", "BrokerEngine", "BrokerOperations", "RedisTestSupport", "RedisWire",
                "StreamBroker", arguments, logging,
            ],
            swiftSettings: settings),
        .testTarget(
            name: "DirectoryBrokerTests",
            dependencies: ["BrokerCore", "BrokerTestKit", "DirectoryBroker", "StreamBroker", logging],
            swiftSettings: settings),
        .testTarget(
            name: "StreamBrokerTests",
            dependencies: [
                "BrokerCore", "BrokerEngine", "BrokerMemory", "BrokerRedis", "BrokerTestKit", "RedisTestSupport",
                "RedisWire", "StreamBroker", lifecycle, logging, signals,
            ],
            swiftSettings: settings),
    ]
)
