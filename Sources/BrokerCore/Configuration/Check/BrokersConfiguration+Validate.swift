// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

extension BrokersConfiguration {
    /// Checks a configuration by the rules of the file: names, bounds, what refers to what, and what providers promise.
    ///
    /// For what was built in code; what was loaded from a file has been checked. Throws every problem at once.
    public func validate(factories: [any BrokerProviderFactory]) throws(ConfigurationError) {
        var record = ConfigurationRecord()
        let promises = ProviderOptionsCheck(factories: factories).run(self, into: &record)
        for broker in brokers where broker.provider.isEmpty {
            let message = "'provider' is missing in brokers.\(broker.name.text.visible)"
            record.problems.append(ConfigurationProblem(message, at: broker.position))
        }
        var check = ConfigurationCheck(self, promises: promises, doubtful: record.doubtful)
        check.run()
        let problems = record.problems + check.problems
        if !problems.isEmpty { throw ConfigurationError(problems) }
    }
}
