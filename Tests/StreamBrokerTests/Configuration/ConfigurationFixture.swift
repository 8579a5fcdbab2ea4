// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Logging
import ServiceLifecycle
import StreamBroker
import Testing

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Providers as another package would bring them: options of their own, nothing that is ever opened.
struct FakeFactory: BrokerProviderFactory {
    enum Overflow: String, CaseIterable {
        case dropOldest = "drop-oldest"
        case disconnect
    }

    var name = "memory"
    var capabilities: BrokerCapabilities = [
        .redelivery, .replay, .retention, .patterns, .sharedGroups, .deduplication,
    ]

    /// Promises nothing but to pass messages on, like a broadcast.
    static let live = FakeFactory(name: "live-only", capabilities: [])
    static let all: [any BrokerProviderFactory] = [FakeFactory(), live]

    func makeProvider(_ context: ProviderContext, options: inout ConfigurationReader) -> (any BrokerProvider)? {
        if name == "memory" { return FakeProvider(capabilities: capabilities) }
        _ = options.string("url", default: "live://localhost")
        _ = options.secret("password")
        options.section("buffer") { buffer in
            _ = buffer.integer("limit", in: 1...1_000_000, default: 10_000)
            _ = buffer.size("bytes", in: 1024...(1 << 30), default: 64 << 20)
            _ = buffer.choice("overflow", default: Overflow.dropOldest)
        }
        return options.problems.isEmpty ? FakeProvider(capabilities: capabilities) : nil
    }
}

struct FakeProvider: BrokerProvider {
    var capabilities: BrokerCapabilities

    func publish(_ batch: PublishBatch) async -> [Result<PublishReceipt, BrokerError>] { [] }
    func subscribe(_ request: SubscriptionRequest) async throws(BrokerError) -> any BrokerSubscription {
        throw BrokerError(.unsupported, "a provider to be looked at")
    }
    func close() async {}
    func run() async throws {}
}

/// A file of its own in the temporary directory, removed when the test lets go of it.
final class ConfigurationFixture: Sendable {
    let path: String

    init(_ bytes: [UInt8]) throws {
        var template = Array("/tmp/streambroker-test-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        try #require(descriptor >= 0)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            try #require(written > 0)
            rest = rest.dropFirst(written)
        }
        close(descriptor)
    }

    deinit { unlink(path) }

    /// Every problem of a text as it is printed, with the file called `brokers.yaml`.
    static func problems(
        _ text: String, environment: String? = nil, variables: [String: String] = [:]
    ) throws -> [String] {
        try problems(Array(text.utf8), environment: environment, variables: variables)
    }

    static func problems(
        _ bytes: [UInt8], environment: String? = nil, variables: [String: String] = [:]
    ) throws -> [String] {
        let report = try report(bytes, environment: environment, variables: variables)
        return report.problems.map { "\($0)" }
    }

    static func report(
        _ bytes: [UInt8], environment: String? = nil, variables: [String: String] = [:]
    ) throws -> ConfigurationReport {
        let file = try ConfigurationFixture(bytes)
        var report = try ConfigurationLoader.inspect(
            path: file.path, environment: environment, variables: variables, factories: FakeFactory.all)
        for index in report.problems.indices { report.problems[index].position?.file = "brokers.yaml" }
        return report
    }

    static func load(_ text: String, environment: String? = nil, variables: [String: String] = [:]) throws
        -> BrokersConfiguration
    {
        try report(Array(text.utf8), environment: environment, variables: variables).usable
    }
}
