// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import StreamBroker
import Testing

/// The key table, the reader and the documentation say the same.
@Suite struct KeyTableTests {
    private static func prefix(of place: ConfigurationKey.Place) -> ConfigurationPath {
        switch place {
        case .top: .top
        case .broker: ["brokers", "events"]
        case .defaults: ["defaults"]
        case .stream: ["streams", "orders"]
        case .group: ["streams", "orders", "groups", "billing"]
        }
    }

    private static let sections: Set<String> = ["retry", "dead-letter", "retention", "deduplication", "durability"]

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
        let text = try Repository.text("docs/configuration.md")
        #expect(
            text.contains(ConfigurationKeys.markdown), "docs/configuration.md needs:\n\(ConfigurationKeys.markdown)")
    }
}

extension ConfigurationPath {
    fileprivate func starts(with other: ConfigurationPath) -> Bool {
        components.starts(with: other.components)
    }
}
