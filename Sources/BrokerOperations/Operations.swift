// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore
public import BrokerEngine

/// What an operator can ask of the brokers of a registry, and do with them.
///
/// The registry need not run. If it declares no streams, as one that was made from nothing but an address, every stream
/// of its brokers is meant: names are then looked for on the server instead of in the configuration.
public struct Operations: Sendable {
    /// The registry that the answers are about.
    public let registry: BrokerRegistry

    /// Makes operations on a registry; opens no connection.
    public init(_ registry: BrokerRegistry) {
        self.registry = registry
    }

    /// Whether the registry declares no streams, so that all that its brokers have are meant.
    package var isBare: Bool { registry.configuration.streams.isEmpty }

    /// The brokers in the order of the configuration.
    package var brokers: [Broker] { registry.configuration.brokers.compactMap { registry.brokers[$0.name] } }

    /// Returns the brokers that are meant.
    ///
    /// - Parameter name: The only broker that is meant; `nil` for all.
    /// - Throws: ``BrokerError/Code/undeclaredStream`` if the registry has no broker of this name, with a suggestion.
    package func brokers(_ name: BrokerName?) throws(BrokerError) -> [Broker] {
        guard let name else { return brokers }
        if let broker = registry.brokers[name] { return [broker] }
        let names = registry.configuration.brokers.map(\.name.text)
        let suggestion = Suggestion.phrase(for: name.text, among: names)
        let advice = suggestion.isEmpty ? "; there is \(Suggestion.list(names))" : suggestion
        throw BrokerError(.undeclaredStream, "there is no broker \(name.text.quoted)\(advice)")
    }
}

/// Streams that one question is about: all that a name or a pattern selects on a broker.
package struct StreamSource: Sendable {
    /// The broker that carries them.
    package var broker: Broker
    /// Which streams they are.
    package var selection: StreamSelection
    /// Whether they hold dead letters.
    package var holdsDeadLetters: Bool
    /// The declared groups; empty if the configuration declares no such streams.
    package var groups: [GroupName]
}

extension Operations {
    /// Returns what to ask a broker for to see all of its streams, those with dead letters last.
    package func sources(of broker: Broker) -> [StreamSource] {
        if isBare {
            return ["*", "*\(StreamName.deadLetterEnding)"].map { text in
                let selection = StreamSelection.pattern(StreamPattern(text))
                return StreamSource(
                    broker: broker, selection: selection, holdsDeadLetters: text.count > 1, groups: [])
            }
        }
        let streams = registry.configuration.streams(of: broker.name)
        let declared = streams.map { stream in
            StreamSource(
                broker: broker, selection: stream.selection, holdsDeadLetters: holdsDeadLetters(stream.selection),
                groups: stream.groups.map(\.name))
        }
        let listed = Set(streams.map(\.selection))
        let others = deadLetters(of: broker, streams).filter { !listed.contains($0) }.map { selection in
            StreamSource(broker: broker, selection: selection, holdsDeadLetters: true, groups: [])
        }
        return declared.filter { !$0.holdsDeadLetters } + declared.filter(\.holdsDeadLetters) + others
    }

    private func holdsDeadLetters(_ selection: StreamSelection) -> Bool {
        registry.directory.declaration(of: selection)?.holdsDeadLetters ?? false
    }

    /// Where dead letters go that the configuration does not declare as streams of their own.
    private func deadLetters(of broker: Broker, _ streams: [StreamConfiguration]) -> [StreamSelection] {
        let named = registry.directory.named.filter { $0.value.holdsDeadLetters && $0.value.broker == broker.name }
        let patterns = streams.compactMap { stream -> StreamSelection? in
            guard case .pattern(let pattern) = stream.selection, !pattern.text.hasSuffix(StreamName.deadLetterEnding)
            else { return nil }
            return .pattern(StreamPattern(StreamName(pattern.text).deadLetters.text))
        }
        return named.keys.sorted().map { .stream($0) } + patterns
    }
}
