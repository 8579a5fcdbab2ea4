// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import StreamBroker
import Testing

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// The key table, the reader and the documentation say the same.
@Suite struct KeyTableTests {
    /// A file of this repository, found from this one.
    private static func repositoryFile(_ name: String) -> String {
        "\(#filePath)".split(separator: "/", omittingEmptySubsequences: false).dropLast(4).joined(separator: "/")
            + "/\(name)"
    }

    private static func text(of path: String) throws -> String {
        let descriptor = open(path, O_RDONLY)
        try #require(descriptor >= 0, "\(path)")
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = read(descriptor, &chunk, chunk.count), count > 0 { bytes += chunk[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func prefix(of place: ConfigurationKey.Place) -> ConfigurationPath {
        switch place {
        case .top: .top
        case .broker: ["brokers", "events"]
        case .defaults: ["defaults"]
        case .stream: ["streams", "orders"]
        case .group: ["streams", "orders", "groups", "billing"]
        }
    }

    private static let sections: Set<String> = ["retry", "dead-letter", "retention"]

    @Test func theReaderAsksForExactlyTheKeysOfTheTable() throws {
        let yaml = BadConfigurationTests.base + "streams: { orders: { groups: { billing: {} } } }"
        let asked = try ConfigurationFixture.report(Array(yaml.utf8)).asked
        for place in ConfigurationKey.Place.allCases {
            let prefix = Self.prefix(of: place).components
            let inner = Set(ConfigurationKey.Place.allCases.map(Self.prefix)).subtracting([Self.prefix(of: place)])
            let found = asked.filter { path in
                let isDeeper = inner.contains {
                    $0.components.count > prefix.count && path != $0 && path.starts(with: $0)
                }
                return path.components.starts(with: prefix) && path.components.count > prefix.count && !isDeeper
                    && !Self.sections.contains(path.components.last ?? "")
            }.map { $0.components.dropFirst(prefix.count).joined(separator: ".") }
            let listed = ConfigurationKeys.all.filter { $0.places.contains(place) }.map(\.name)
            #expect(Set(found) == Set(listed), "\(place)")
        }
    }

    @Test func theDefaultsOfTheTableAreThoseOfTheValues() throws {
        let configuration = try ConfigurationFixture.load(BadConfigurationTests.base + "streams: { orders: {} }")
        let built = BrokersConfiguration(brokers: [])
        let stream = StreamConfiguration("orders")
        #expect(configuration.drain == built.drain)
        #expect(configuration.defaults == built.defaults)
        #expect(configuration.streams.first?.maximumPayload == stream.maximumPayload)
        #expect(configuration.streams.first?.guarantee == stream.guarantee)
        #expect(configuration.streams.first?.retention == stream.retention)
        let said = try ConfigurationFixture.load(BadConfigurationTests.base + "defaults: {\(Self.written)}")
        #expect(ConsumerSettings(said.defaults) == ConsumerSettings())
        #expect(said.defaults.retry.attempts == 5)
    }

    /// Every default of the table that can be written, written.
    private static var written: String {
        var sections: [String: [String]] = [:]
        for key in ConfigurationKeys.all where key.places.contains(.defaults) && !key.standard.contains(" ") {
            guard key.standard != "none" || key.name == "ordering", let last = key.components.last else { continue }
            let section = key.components.count == 2 ? key.components[0] : ""
            sections[section, default: []].append("\(last): \(key.standard)")
        }
        return sections.map { name, keys in
            let list = keys.joined(separator: ", ")
            return name.isEmpty ? list : "\(name): { \(list) }"
        }.joined(separator: ", ")
    }

    @Test func theDocumentationHoldsTheTableWordForWord() throws {
        let text = try Self.text(of: Self.repositoryFile("docs/configuration.md"))
        #expect(
            text.contains(ConfigurationKeys.markdown), "docs/configuration.md needs:\n\(ConfigurationKeys.markdown)")
    }

    @Test(arguments: [
        (nil, ["redis-streams", "redis-pubsub"]), ("development", ["memory", "memory"]),
        ("production", ["redis-streams", "redis-pubsub"]),
    ])
    func theReferenceFileCanBeUsedInEveryEnvironment(_ environment: String?, providers: [String]) throws {
        let variables = environment == "production" ? ["REDIS_URL": "redis://redis.shop/1"] : [:]
        let configuration = try ConfigurationLoader.load(
            path: Self.repositoryFile("brokers.yaml"), environment: environment, variables: variables,
            factories: BuiltInProviders.factories)
        #expect(configuration.brokers.map(\.provider) == providers)
        #expect(configuration.streams.count == 2)
    }

    @Test func theReferenceFileHasToBeToldItsServerInProduction() throws {
        let report = try ConfigurationLoader.inspect(
            path: Self.repositoryFile("brokers.yaml"), environment: "production", variables: [:],
            factories: BuiltInProviders.factories)
        #expect(report.problems.map(\.message) == ["the variable REDIS_URL is not set: set REDIS_URL in production"])
    }

    @Test func theReferenceFileNamesEveryKey() throws {
        let text = try Self.text(of: Self.repositoryFile("brokers.yaml"))
        for key in ConfigurationKeys.all + RedisBrokerKeys.all + RedisPubSubKeys.all {
            #expect(text.contains("\(key.components.last ?? ""):"), "\(key.name)")
        }
    }

    @Test func theReferenceFileShowsTheDefaults() throws {
        let configuration = try ConfigurationLoader.load(
            path: Self.repositoryFile("brokers.yaml"), variables: [:], factories: BuiltInProviders.factories)
        #expect(ConsumerSettings(configuration.defaults) == ConsumerSettings())
        #expect(configuration.drain == .seconds(30))
    }
}

extension ConfigurationPath {
    fileprivate func starts(with other: ConfigurationPath) -> Bool {
        components.starts(with: other.components)
    }
}
