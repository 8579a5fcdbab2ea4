// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import BrokerTestKit
import BrokerYAML
import Logging
import StreamBroker

/// Files with one broker on Redis, read as the program reads them.
enum OptionsFixture {
    static let url = "url: redis://127.0.0.1:6379"

    /// Every problem of a broker's options, each in the words that a user reads first.
    static func problems(
        _ options: String, streams: String = "{}", defaults: String = "{}", variables: [String: String] = [:]
    ) -> [String] {
        report(options, streams: streams, defaults: defaults, variables: variables).map { problem in
            String("\(problem)".prefix { $0 != "\n" }.dropFirst("brokers.yaml:".count))
        }
    }

    /// Everything that is printed about a file.
    static func text(_ options: String, variables: [String: String] = [:]) -> String {
        report(options, variables: variables).map { "\($0)" }.joined(separator: "\n")
    }

    /// What `config show --resolved` prints of a broker's options, by key.
    static func shown(_ options: String, variables: [String: String] = [:]) -> [String: String] {
        let pairs = assemble(file(options), variables).0.readings.map { reading in
            (reading.path.components.dropFirst(2).joined(separator: "."), reading.text)
        }
        return Dictionary(pairs, uniquingKeysWith: { $1 })
    }

    /// Every key that was asked for.
    static func asked(_ options: String) -> Set<String> {
        let paths = assemble(file(options), [:]).0.asked.filter { $0.components.starts(with: ["brokers", "events"]) }
        return Set(paths.map { $0.components.dropFirst(2).joined(separator: ".") })
    }

    /// The provider that a broker's options make, as the program makes it.
    static func provider(_ options: String, logger: Logger = Logger(label: "options")) throws -> RedisStreamsProvider? {
        let (result, _) = assemble(file(options), [:])
        let context = ProviderContext(broker: "events", streams: [], clock: TimeControl.real().clock, logger: logger)
        return try result.configuration.brokers.first?.makeProvider(from: BuiltInProviders.factories, context)
            as? RedisStreamsProvider
    }

    private static func file(_ options: String, streams: String = "{}", defaults: String = "{}") -> String {
        """
        version: 1
        brokers:
          events:
            provider: redis-streams
        \(options.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n"))
        defaults: \(defaults)
        streams: \(streams)
        """
    }

    private static func report(
        _ options: String, streams: String = "{}", defaults: String = "{}", variables: [String: String] = [:]
    ) -> [ConfigurationProblem] {
        let (result, document) = assemble(file(options, streams: streams, defaults: defaults), variables)
        return document.source.annotate(document.problems + result.problems)
    }

    private static func assemble(
        _ text: String, _ variables: [String: String]
    ) -> (ConfigurationAssembly.Result, YAMLDocument) {
        let document = YAMLReader.read(Array(text.utf8), file: "brokers.yaml")
        var assembly = ConfigurationAssembly(
            document.root ?? "", factories: BuiltInProviders.factories, variables: variables)
        return (assembly.assemble(nil), document)
    }
}
