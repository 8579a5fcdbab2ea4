// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// Which stream is declared how: names first, then patterns, then the dead letters of declared streams. A pure value.
package struct StreamDirectory: Sendable {
    /// What holds for a stream.
    package struct Listing: Sendable {
        package var stream: StreamConfiguration
        package var broker: BrokerName
        /// Whether the stream holds the dead letters of another one.
        package var holdsDeadLetters: Bool
    }

    private let configuration: BrokersConfiguration
    private let byName: [StreamName: Listing]
    private let patterns: [(pattern: StreamPattern, listing: Listing)]

    package init(_ configuration: BrokersConfiguration) {
        self.configuration = configuration
        let listings = configuration.streams.compactMap { stream -> Listing? in
            guard let broker = stream.broker ?? configuration.standardBroker else { return nil }
            return Listing(stream: stream, broker: broker, holdsDeadLetters: false)
        }
        var byName: [StreamName: Listing] = [:]
        var patterns: [(pattern: StreamPattern, listing: Listing)] = []
        for listing in listings {
            switch listing.stream.selection {
            case .stream(let name): byName[name] = listing
            case .pattern(let pattern): patterns.append((pattern, listing))
            }
        }
        for listing in listings { Self.listDeadLetters(of: listing, configuration, in: &byName) }
        self.byName = byName
        self.patterns = patterns
    }

    private static func listDeadLetters(
        of listing: Listing, _ configuration: BrokersConfiguration, in byName: inout [StreamName: Listing]
    ) {
        let outer = [configuration.defaults, listing.stream.options]
        let layers = [outer] + listing.stream.groups.map { outer + [$0.options] }
        let policies = layers.map { ConsumerSettings($0).deadLetter }
        for policy in policies {
            let destination: StreamName? =
                if case .stream(let name) = listing.stream.selection { policy.destination(for: name) } else {
                    policy.stream
                }
            guard let destination else { continue }
            if byName[destination] == nil {
                byName[destination] = Listing(
                    stream: StreamConfiguration(destination.text), broker: listing.broker, holdsDeadLetters: true)
            } else {
                byName[destination]?.holdsDeadLetters = true
            }
        }
    }

    /// What holds for a stream that is published to.
    package func listing(of stream: StreamName) -> Listing? {
        if let listing = byName[stream] { return listing }
        if let match = patterns.first(where: { $0.pattern.matches(stream) }) { return match.listing }
        return deadLetterListing(of: stream)
    }

    /// The dead letters of a stream that matches a pattern.
    private func deadLetterListing(of stream: StreamName) -> Listing? {
        guard stream.isNamedForDeadLetters else { return nil }
        let origin = stream.text.dropLast(StreamName.deadLetterEnding.count)
        let candidates = [String(origin), String(origin.dropFirst().dropLast())]
        for name in candidates.map({ StreamName($0) }) where name.deadLetters == stream {
            guard let match = patterns.first(where: { $0.pattern.matches(name) }) else { continue }
            return Listing(
                stream: StreamConfiguration(stream.text), broker: match.listing.broker, holdsDeadLetters: true)
        }
        return nil
    }

    /// What holds for a handler's stream or pattern.
    package func listing(of selection: StreamSelection) -> Listing? {
        switch selection {
        case .stream(let name): listing(of: name)
        case .pattern(let pattern): patterns.first { $0.pattern == pattern }?.listing
        }
    }

    /// The settings of a group; `nil` when the stream declares no such group.
    ///
    /// A dead-letter stream that is not declared itself takes any group, with the defaults.
    package func settings(of group: GroupName, in listing: Listing) -> ConsumerSettings? {
        if let declared = listing.stream.groups.first(where: { $0.name == group }) {
            return ConsumerSettings(configuration.defaults, listing.stream.options, declared.options)
        }
        guard listing.holdsDeadLetters, listing.stream.groups.isEmpty else { return nil }
        return ConsumerSettings(configuration.defaults, listing.stream.options)
    }

    /// Every name that can be published to, for suggestions.
    package var names: [String] {
        byName.keys.map(\.text).sorted() + patterns.map(\.pattern.text)
    }
}
