// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore
package import Logging

/// Makes the provider of every broker of a configuration, and checks the whole while nothing is open yet.
package struct ProviderAssembly {
    /// The providers, by the name of their broker.
    package private(set) var providers: [BrokerName: any BrokerProvider] = [:]
    /// What is wrong, in the order of the brokers.
    package private(set) var problems: [ConfigurationProblem] = []

    /// Makes every provider; opens nothing.
    package init(
        _ configuration: BrokersConfiguration, factories: [any BrokerProviderFactory], clock: any BrokerClock,
        logger: Logger
    ) {
        let directory = StreamDirectory(configuration)
        for broker in configuration.brokers {
            guard let factory = factories.first(where: { $0.name == broker.provider }) else {
                problems.append(Self.unknown(broker, factories))
                continue
            }
            var logger = logger
            logger[metadataKey: LoggingKeys.broker] = "\(broker.name)"
            let context = ProviderContext(
                broker: broker.name, streams: directory.streams(of: broker.name), clock: clock, logger: logger)
            var options = ConfigurationReader(broker.options, path: ["brokers", broker.name.text])
            providers[broker.name] = factory.makeProvider(context, options: &options)
            options.finish()
            problems += options.problems
        }
        var check = ConfigurationCheck(configuration, promises: providers.mapValues { $0.capabilities })
        check.run()
        problems += check.problems
    }

    private static func unknown(
        _ broker: BrokerConfiguration, _ factories: [any BrokerProviderFactory]
    ) -> ConfigurationProblem {
        let names = factories.map(\.name).sorted()
        let suggestion = Suggestion.phrase(for: broker.provider, among: names)
        return ConfigurationProblem(
            "broker '\(broker.name)' has the unknown provider '\(broker.provider)'\(suggestion); known are "
                + names.joined(separator: ", "), at: broker.position)
    }
}
