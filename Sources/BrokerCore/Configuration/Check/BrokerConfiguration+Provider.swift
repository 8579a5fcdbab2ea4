// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

extension BrokerConfiguration {
    /// Lets a factory read the options, every unknown key included.
    func readOptions(
        _ factory: any BrokerProviderFactory, _ context: ProviderContext
    ) -> ((any BrokerProvider)?, ConfigurationRecord) {
        var reader = ConfigurationReader(options, path: ["brokers", name.text], position: position)
        let provider = factory.makeProvider(context, options: &reader)
        reader.finish()
        return (provider, reader.record)
    }

    /// Makes the provider of a broker; it opens nothing yet.
    ///
    /// Throws every problem of the options, and when no factory has the provider's name.
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
