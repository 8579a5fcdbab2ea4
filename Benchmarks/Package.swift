// swift-tools-version: 6.2

// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6), .treatAllWarnings(as: .error), .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"), .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

// A package of its own: who uses StreamBroker never resolves what its benchmarks need.
let package = Package(
    name: "Benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "StreamBroker", path: "..")],
    targets: [
        .target(name: "CAllocations"),
        // A program of its own, so that no code of ours is in the process that ours is held against.
        .executableTarget(name: "Yardstick", linkerSettings: [.linkedLibrary("hiredis")]),
        // Reads what `Bench` printed of two commits. It knows no other code of ours: a base may be old.
        .executableTarget(name: "Compare", swiftSettings: strict),
        .executableTarget(
            name: "Bench",
            dependencies: [
                "CAllocations", .product(name: "BrokerCore", package: "StreamBroker"),
                .product(name: "StreamBroker", package: "StreamBroker"),
            ],
            swiftSettings: strict),
    ]
)
