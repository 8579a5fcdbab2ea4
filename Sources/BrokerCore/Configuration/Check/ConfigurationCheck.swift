// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Checks whether the values of a configuration agree with each other and with what its providers promise.
///
/// The same rules hold for a file and for what was built in code; what was read from a file has positions.
package struct ConfigurationCheck {
    let configuration: BrokersConfiguration
    /// What each broker's provider promises; a broker whose provider is not known is left out.
    let promises: [BrokerName: BrokerCapabilities]
    /// Keys from which nothing is concluded, since their values could not be used.
    let doubtful: Set<ConfigurationPath>
    /// What is wrong, each problem once.
    package private(set) var problems: [ConfigurationProblem] = []
    private var reported: Set<ConfigurationProblem> = []
    let brokers: [BrokerName: BrokerConfiguration]

    /// Makes a check.
    package init(
        _ configuration: BrokersConfiguration, promises: [BrokerName: BrokerCapabilities],
        doubtful: Set<ConfigurationPath> = []
    ) {
        self.configuration = configuration
        self.promises = promises
        self.doubtful = doubtful
        brokers = Dictionary(configuration.brokers.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Applies every rule.
    package mutating func run() {
        checkNames()
        checkReferences()
        checkBounds()
        for stream in configuration.streams {
            checkPolicies(of: stream)
            checkNeeds(of: stream)
        }
        checkDeadLetterCycles()
    }

    /// Notes a problem at a path, or at the nearest place above it that is known.
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

    /// The broker that carries a stream; `nil` when that is not said, or said wrongly.
    func broker(of stream: StreamConfiguration) -> BrokerConfiguration? {
        (stream.broker ?? configuration.standardBroker).flatMap { brokers[$0] }
    }
}

/// One place that says something of consuming: the defaults, a stream or a group.
struct ConsumerLayer {
    var path: ConfigurationPath
    var options: ConsumerOptions

    /// The layers of every group of a stream, the farthest first; of the stream itself when it has no group.
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
    /// What holds in the end.
    var settings: ConsumerSettings {
        ConsumerSettings(self.map(\.options))
    }

    /// Where a key stands that was said in the nearest layer; `nil` when it is a default.
    func path(of keys: [String], where says: (ConsumerOptions) -> Bool) -> ConfigurationPath? {
        last { says($0.options) }?.path.appending(keys)
    }

    /// The path of the group or stream itself.
    var own: ConfigurationPath { last?.path ?? .top }
}
