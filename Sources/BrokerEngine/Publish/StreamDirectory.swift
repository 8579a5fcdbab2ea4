// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// Finds the declaration of a stream in the configuration: by its name, else by the first pattern that matches, else as
/// the dead letters of a declared stream. It never changes.
package final class StreamDirectory: Sendable {
    /// The declaration of a stream, or of all streams that match a pattern.
    package struct Declaration: Sendable {
        package var stream: StreamConfiguration
        package var broker: BrokerName
        /// Whether the stream holds the dead letters of another one.
        package var holdsDeadLetters: Bool

        /// Notes that the stream holds dead letters of another one. They have the fields of their originals, so they
        /// are read in the same way, unless the stream says something else.
        fileprivate mutating func hold(deadLettersOf origin: StreamConfiguration) {
            holdsDeadLetters = true
            stream.body = stream.body ?? origin.body
        }
    }

    /// The streams that are declared by their names, and the streams of their dead letters.
    package let named: [StreamName: Declaration]
    private let patterns: [(pattern: StreamPattern, declaration: Declaration)]
    private let configuration: BrokersConfiguration
    /// Whether every declared stream has the standard layout.
    let hasStandardLayouts: Bool
    /// Whether publishes to some declared stream wait for replicas.
    let hasDurability: Bool

    package init(_ configuration: BrokersConfiguration) {
        self.configuration = configuration
        hasStandardLayouts = configuration.streams.allSatisfy { $0.body ?? .standard == .standard }
        hasDurability = configuration.streams.contains { $0.durability != nil }
        let declarations = configuration.streams.compactMap { stream -> Declaration? in
            guard let broker = stream.broker ?? configuration.standardBroker else { return nil }
            let holdsDeadLetters = stream.selection.text.hasSuffix(StreamName.deadLetterEnding)
            return Declaration(stream: stream, broker: broker, holdsDeadLetters: holdsDeadLetters)
        }
        var named: [StreamName: Declaration] = [:]
        var patterns: [(pattern: StreamPattern, declaration: Declaration)] = []
        for declaration in declarations {
            switch declaration.stream.selection {
            case .stream(let name): named[name] = declaration
            case .pattern(let pattern): patterns.append((pattern, declaration))
            }
        }
        for declaration in declarations { Self.addDeadLetters(of: declaration, configuration, to: &named) }
        self.named = named
        self.patterns = patterns
    }

    private static func addDeadLetters(
        of declaration: Declaration, _ configuration: BrokersConfiguration,
        to named: inout [StreamName: Declaration]
    ) {
        let stream = declaration.stream
        let outer = [configuration.defaults, stream.options]
        let layers = [outer] + stream.groups.map { outer + [$0.options] }
        let policies = layers.map { ConsumerSettings($0).deadLetter }
        for policy in policies {
            let destination: StreamName? =
                if case .stream(let name) = stream.selection { policy.destination(for: name) } else { policy.stream }
            guard let destination else { continue }
            if named[destination] == nil {
                named[destination] = Declaration(
                    stream: StreamConfiguration(destination.text), broker: declaration.broker, holdsDeadLetters: true)
            }
            named[destination]?.hold(deadLettersOf: stream)
        }
    }

    /// Returns the declaration of a stream; `nil` when there is none.
    package func declaration(of stream: StreamName) -> Declaration? {
        named[stream] ?? match(stream) ?? deadLetters(named: stream)
    }

    /// Returns the declaration of a handler's stream or pattern; `nil` when there is none.
    package func declaration(of selection: StreamSelection) -> Declaration? {
        switch selection {
        case .stream(let name): declaration(of: name)
        case .pattern(let pattern): patterns.first { $0.pattern == pattern }?.declaration
        }
    }

    private func match(_ stream: StreamName) -> Declaration? {
        patterns.first { $0.pattern.matches(stream) }?.declaration
    }

    /// The dead letters of a stream that matches a pattern.
    private func deadLetters(named stream: StreamName) -> Declaration? {
        guard let origin = stream.deadLetterOrigins.lazy.compactMap(match).first else { return nil }
        var declaration = Declaration(
            stream: StreamConfiguration(stream.text), broker: origin.broker, holdsDeadLetters: true)
        declaration.hold(deadLettersOf: origin.stream)
        return declaration
    }

    /// Returns the settings of a group; `nil` when the stream declares no such group.
    ///
    /// A stream of dead letters that declares no groups takes any group.
    package func settings(of group: GroupName, in declaration: Declaration) -> ConsumerSettings? {
        let stream = declaration.stream
        if let declared = stream.groups.first(where: { $0.name == group }) {
            return ConsumerSettings(configuration.defaults, stream.options, declared.options)
        }
        guard declaration.holdsDeadLetters, stream.groups.isEmpty else { return nil }
        return ConsumerSettings(configuration.defaults, stream.options)
    }

    /// Returns where the body is in the entries of a stream.
    package func layout(of stream: StreamName) -> BodyLayout {
        hasStandardLayouts ? .standard : declaration(of: stream)?.stream.body ?? .standard
    }

    /// Whether publishes to a stream wait for replicas.
    func isReplicated(_ stream: StreamName) -> Bool {
        hasDurability && declaration(of: stream)?.stream.durability != nil
    }

    /// Returns where the body is in the entries of the streams that a consumer has. A stream that is declared by its
    /// name keeps its own layout under every pattern.
    package func layouts(of selection: StreamSelection) -> StreamLayouts {
        if hasStandardLayouts { return StreamLayouts() }
        switch selection {
        case .stream(let name): return StreamLayouts(layout(of: name))
        case .pattern(let pattern):
            let exceptions = named.filter { pattern.matches($0.key) }.mapValues { $0.stream.body ?? .standard }
            return StreamLayouts(declaration(of: selection)?.stream.body ?? .standard, except: exceptions)
        }
    }

    /// Every name that can be published to, for suggestions.
    package var names: [String] {
        named.keys.map(\.text).sorted() + patterns.map(\.pattern.text)
    }
}
