// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Checks that the values of a configuration agree with each other and with the capabilities of its providers.
///
/// The same rules apply to files and to configurations that were built in code. Values from a file have positions.
package struct ConfigurationCheck {
    let configuration: BrokersConfiguration
    /// The capabilities of each broker's provider. A broker with an unknown provider is left out.
    let promises: [BrokerName: BrokerCapabilities]
    /// Keys whose values could not be used, so that nothing follows from them.
    let doubtful: Set<ConfigurationPath>
    /// The problems, each once.
    package private(set) var problems: [ConfigurationProblem] = []
    private var reported: Set<ConfigurationProblem> = []
    let brokers: [BrokerName: BrokerConfiguration]
    /// Which streams hold the dead letters of which others.
    let origins: DeadLetterOrigins

    /// Makes a check.
    package init(
        _ configuration: BrokersConfiguration, promises: [BrokerName: BrokerCapabilities],
        doubtful: Set<ConfigurationPath> = []
    ) {
        self.configuration = configuration
        self.promises = promises
        self.doubtful = doubtful
        brokers = Dictionary(configuration.brokers.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        origins = DeadLetterOrigins(configuration)
    }

    /// Applies every rule.
    package mutating func run() {
        checkNames()
        checkReferences()
        checkBounds()
        for stream in configuration.streams {
            checkPolicies(of: stream)
            checkDeadLetters(of: stream)
            checkNeeds(of: stream)
        }
    }

    /// Reports a problem at a path, or at the nearest known place above it.
    mutating func report(_ message: String, at path: ConfigurationPath, else position: SourcePosition? = nil) {
        let known = configuration.positions[path] ?? position ?? nearest(path)
        let problem = ConfigurationProblem(message, at: known)
        if reported.insert(problem).inserted { problems.append(problem) }
    }

    private func nearest(_ path: ConfigurationPath) -> SourcePosition? {
        var components = path.components
        while components.popLast() != nil {
            if let position = configuration.positions[ConfigurationPath(components)] { return position }
        }
        return nil
    }

    /// Returns the broker of a stream; `nil` if the configuration names none, or one that is not declared.
    func broker(of stream: StreamConfiguration) -> BrokerConfiguration? {
        (stream.broker ?? configuration.standardBroker).flatMap { brokers[$0] }
    }
}

/// One place that sets options for consuming: the defaults, a stream or a group.
struct ConsumerLayer {
    var path: ConfigurationPath
    var options: ConsumerOptions

    /// Returns the layers of each group of a stream, the farthest first; those of the stream itself if it has no group.
    static func all(of stream: StreamConfiguration, in configuration: BrokersConfiguration) -> [[ConsumerLayer]] {
        let path: ConfigurationPath = ["streams", stream.selection.text]
        let outer = [
            ConsumerLayer(path: ["defaults"], options: configuration.defaults),
            ConsumerLayer(path: path, options: stream.options),
        ]
        if stream.groups.isEmpty { return [outer] }
        return stream.groups.map { group in
            outer + [ConsumerLayer(path: path.appending(["groups", group.name.text]), options: group.options)]
        }
    }
}

extension [ConsumerLayer] {
    /// The resulting settings.
    var settings: ConsumerSettings {
        ConsumerSettings(self.map(\.options))
    }

    /// Returns the path of a key in the nearest layer that sets it; `nil` if it has its default.
    func path(of keys: [String], where says: (ConsumerOptions) -> Bool) -> ConfigurationPath? {
        last { says($0.options) }?.path.appending(keys)
    }

    /// The path of the group or stream itself.
    var own: ConfigurationPath { last?.path ?? .top }
}
