// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// Which stream is declared how: names first, then patterns, then the dead letters of declared streams. A pure value.
package struct StreamDirectory: Sendable {
    /// What holds for a stream.
    package struct Route: Sendable {
        package var stream: StreamConfiguration
        package var broker: BrokerName
        /// Whether the stream holds the dead letters of another one.
        package var holdsDeadLetters: Bool
    }

    private let configuration: BrokersConfiguration
    private let byName: [StreamName: Route]
    private let patterns: [(pattern: StreamPattern, route: Route)]

    package init(_ configuration: BrokersConfiguration) {
        self.configuration = configuration
        let routes = configuration.streams.compactMap { stream -> Route? in
            guard let broker = stream.broker ?? configuration.standardBroker else { return nil }
            return Route(stream: stream, broker: broker, holdsDeadLetters: false)
        }
        var byName: [StreamName: Route] = [:]
        var patterns: [(pattern: StreamPattern, route: Route)] = []
        for route in routes {
            switch route.stream.selection {
            case .stream(let name): byName[name] = route
            case .pattern(let pattern): patterns.append((pattern, route))
            }
        }
        for route in routes { Self.addDeadLetters(of: route, configuration, in: &byName) }
        self.byName = byName
        self.patterns = patterns
    }

    private static func addDeadLetters(
        of route: Route, _ configuration: BrokersConfiguration, in byName: inout [StreamName: Route]
    ) {
        let outer = [configuration.defaults, route.stream.options]
        let layers = [outer] + route.stream.groups.map { outer + [$0.options] }
        let policies = layers.map { ConsumerSettings($0).deadLetter }
        for policy in policies {
            let destination: StreamName? =
                if case .stream(let name) = route.stream.selection { policy.destination(for: name) } else {
                    policy.stream
                }
            guard let destination else { continue }
            if byName[destination] == nil {
                byName[destination] = Route(
                    stream: StreamConfiguration(destination.text), broker: route.broker, holdsDeadLetters: true)
            } else {
                byName[destination]?.holdsDeadLetters = true
            }
        }
    }

    /// What holds for a stream that is published to.
    package func route(of stream: StreamName) -> Route? {
        if let route = byName[stream] { return route }
        if let match = patterns.first(where: { $0.pattern.matches(stream) }) { return match.route }
        return deadLetterRoute(of: stream)
    }

    /// The dead letters of a stream that matches a pattern.
    private func deadLetterRoute(of stream: StreamName) -> Route? {
        guard stream.isNamedForDeadLetters else { return nil }
        let origin = stream.text.dropLast(StreamName.deadLetterEnding.count)
        let candidates = [String(origin), String(origin.dropFirst().dropLast())]
        for name in candidates.map({ StreamName($0) }) where name.deadLetters == stream {
            guard let match = patterns.first(where: { $0.pattern.matches(name) }) else { continue }
            return Route(
                stream: StreamConfiguration(stream.text), broker: match.route.broker, holdsDeadLetters: true)
        }
        return nil
    }

    /// What holds for a handler's stream or pattern.
    package func route(of selection: StreamSelection) -> Route? {
        switch selection {
        case .stream(let name): route(of: name)
        case .pattern(let pattern): patterns.first { $0.pattern == pattern }?.route
        }
    }

    /// The settings of a group; `nil` when the stream declares no such group.
    ///
    /// A dead-letter stream that is not declared itself takes any group, with the defaults.
    package func settings(of group: GroupName, in route: Route) -> ConsumerSettings? {
        if let declared = route.stream.groups.first(where: { $0.name == group }) {
            return ConsumerSettings(configuration.defaults, route.stream.options, declared.options)
        }
        guard route.holdsDeadLetters, route.stream.groups.isEmpty else { return nil }
        return ConsumerSettings(configuration.defaults, route.stream.options)
    }

    /// Every name that can be published to, for suggestions.
    package var names: [String] {
        byName.keys.map(\.text).sorted() + patterns.map(\.pattern.text)
    }
}
