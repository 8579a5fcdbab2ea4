// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Logging

/// Lets each broker's factory read its options, which opens no connection, and collects the capabilities.
struct ProviderOptionsCheck {
    let factories: [any BrokerProviderFactory]

    /// Records problems and readings. Returns the capabilities of every broker with a known provider.
    func run(
        _ configuration: BrokersConfiguration, into record: inout ConfigurationRecord
    ) -> [BrokerName: BrokerCapabilities] {
        var promises: [BrokerName: BrokerCapabilities] = [:]
        let streams = configuration.streamsByBroker
        let origins = DeadLetterOrigins(configuration)
        for broker in configuration.brokers where !broker.provider.isEmpty {
            guard let factory = factories.first(where: { $0.name == broker.provider }) else {
                record.problems.append(unknown(broker, in: configuration))
                continue
            }
            var context = ProviderContext(
                broker: broker.name, streams: streams[broker.name, default: []], clock: StillClock(),
                logger: Logger(label: broker.name.text, factory: { _ in SwiftLogNoOpLogHandler() }))
            context.deadLetters = context.streams.filter { origins.origins(of: $0.selection) == nil }
                .flatMap { routes(of: $0, in: configuration) }
            let (provider, noted) = broker.readOptions(factory, context)
            promises[broker.name] = provider?.capabilities ?? factory.capabilities
            record.merge(noted)
            if provider == nil, noted.problems.isEmpty, noted.doubtful.isEmpty {
                let message = "the provider \(configuration.shown(broker.provider)) made nothing of its options"
                record.problems.append(ConfigurationProblem(message, at: broker.position))
            }
        }
        return promises
    }

    private func routes(
        of stream: StreamConfiguration, in configuration: BrokersConfiguration
    ) -> [DeadLetterRoute] {
        ConsumerLayer.all(of: stream, in: configuration).compactMap { layers in
            guard let destination = layers.settings.deadLetter.stream, layers.settings.deadLetter.isEnabled else {
                return nil
            }
            let path = layers.path(of: ["dead-letter", "stream"]) { $0.deadLetterStream != nil }
            let position = path.flatMap { configuration.positions[$0] } ?? stream.position
            return DeadLetterRoute(from: stream.selection, to: destination, position: position)
        }
    }

    private func unknown(_ broker: BrokerConfiguration, in configuration: BrokersConfiguration) -> ConfigurationProblem
    {
        let names = factories.map(\.name)
        let listed = names.isEmpty ? "none is registered" : "registered: \(Suggestion.list(names))"
        let suggestion = Suggestion.phrase(for: broker.provider, among: names)
        let place = configuration.positions[["brokers", broker.name.text, "provider"]] ?? broker.position
        return ConfigurationProblem(
            "unknown provider \(configuration.shown(broker.provider)); \(listed)\(suggestion)", at: place)
    }
}

/// A clock that stands still, for providers that are made for a check and never used.
private struct StillClock: BrokerClock {
    var now: Instant { Instant(nanoseconds: 0) }
    var timestamp: Timestamp { Timestamp(milliseconds: 0) }
    func schedule(_ signal: WakeSignal, at instant: Instant) -> ScheduledWake { ScheduledWake(number: 0) }
    func cancel(_ wake: ScheduledWake) {}
}

extension BrokerConfiguration {
    /// Lets a factory read the options, and reports unknown keys.
    func readOptions(
        _ factory: any BrokerProviderFactory, _ context: ProviderContext
    ) -> ((any BrokerProvider)?, ConfigurationRecord) {
        var reader = ConfigurationReader(options, path: ["brokers", name.text], position: position)
        let provider = factory.makeProvider(context, options: &reader)
        reader.finish()
        return (provider, reader.record)
    }

    /// Makes the provider of a broker. It does not connect yet.
    ///
    /// Throws every problem of the options, also if no factory has the provider's name.
    package func makeProvider(
        from factories: [any BrokerProviderFactory], _ context: ProviderContext
    ) throws(ConfigurationError) -> any BrokerProvider {
        guard let factory = factories.first(where: { $0.name == provider }) else {
            throw ConfigurationError([ConfigurationProblem("unknown provider \(provider.quoted)", at: position)])
        }
        let (made, record) = readOptions(factory, context)
        guard record.problems.isEmpty, let made else {
            let nothing = ConfigurationProblem(
                "the provider \(provider.quoted) made nothing of its options", at: position)
            throw ConfigurationError(record.problems.isEmpty ? [nothing] : record.problems)
        }
        return made
    }
}
