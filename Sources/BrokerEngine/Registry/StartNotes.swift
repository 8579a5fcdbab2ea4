// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// What a person may not have meant, although it is no error: groups without a handler, an environment that was not
/// chosen, messages in memory. A pure value.
package struct StartNotes: Sendable {
    /// A line for the log.
    package struct Note: Sendable, Hashable {
        /// Whether it is a warning; else it is only worth knowing.
        package var isWarning = true
        /// The sentence.
        package var text: String
        /// The broker that it is about.
        package var broker: BrokerName?
        /// The stream that it is about.
        package var stream: StreamSelection?
    }

    private let configuration: BrokersConfiguration
    private let directory: StreamDirectory
    /// What each kind of provider promises.
    private let promises: [String: BrokerCapabilities]

    /// Makes the notes of a configuration.
    package init(
        _ configuration: BrokersConfiguration, directory: StreamDirectory, promises: [String: BrokerCapabilities]
    ) {
        self.configuration = configuration
        self.directory = directory
        self.promises = promises
    }

    private static let howToChoose = "set STREAMBROKER_ENV, or pass 'environment:'"

    /// Returns the notes of a program that has handlers for these.
    package func notes(handled: [(selection: StreamSelection, group: GroupName)]) -> [Note] {
        environmentNotes + memoryNotes + groupNotes(handled)
    }

    private var environmentNotes: [Note] {
        let names = configuration.environments.names
        guard configuration.environment == nil, !names.isEmpty else { return [] }
        let list = names.map(\.quoted).joined(separator: ", ")
        return [
            Note(
                text: "No environment is chosen, so the base of the file holds, and it declares \(list); "
                    + Self.howToChoose)
        ]
    }

    /// Brokers that lose everything with the process here, and are durable elsewhere.
    private var memoryNotes: [Note] {
        configuration.brokers.compactMap { broker in
            guard let here = promises[broker.provider], here.isDisjoint(with: [.durable, .crossProcess]) else {
                return nil
            }
            let elsewhere = configuration.environments.choices.first {
                $0.broker == broker.name && $0.environment != configuration.environment
                    && promises[$0.provider]?.contains(.durable) == true
            }
            return elsewhere.map { note(broker, durable: $0) }
        }
    }

    private func note(_ broker: BrokerConfiguration, durable: DeclaredEnvironments.Choice) -> Note {
        let place = durable.environment.map { "the environment \($0.quoted)" } ?? "the base of the file"
        let loss = "Broker '\(broker.name)' is in memory and loses its messages with this process"
        guard let chosen = configuration.environment else {
            return Note(
                text: "\(loss); in \(place) it is \(durable.provider): \(Self.howToChoose)", broker: broker.name)
        }
        return Note(
            isWarning: false,
            text: "\(loss), as the environment \(chosen.quoted) says; in \(place) it is \(durable.provider)",
            broker: broker.name)
    }

    private func groupNotes(_ handled: [(selection: StreamSelection, group: GroupName)]) -> [Note] {
        if handled.isEmpty {
            return [
                Note(isWarning: false, text: "No handler is registered: this process publishes and consumes nothing")
            ]
        }
        return configuration.streams.compactMap { stream in
            let taken = handled.filter { directory.declaration(of: $0.selection)?.stream.selection == stream.selection }
            let missing = stream.groups.map(\.name).filter { name in !taken.contains { $0.group == name } }
            return missing.isEmpty ? nil : note(stream, missing)
        }
    }

    private func note(_ stream: StreamConfiguration, _ groups: [GroupName]) -> Note {
        let broker = stream.broker ?? configuration.standardBroker
        let provider = configuration.brokers.first { $0.name == broker }?.provider
        let isShared = provider.flatMap { promises[$0] }?.contains(.crossProcess) ?? false
        let list = groups.map(\.text.quoted).joined(separator: ", ")
        let whose = groups.count == 1 ? "the group \(list)" : "the groups \(list)"
        let rest =
            isShared
            ? "its messages wait until another process handles them"
            : "no other process can handle its messages: register one, or take the group out"
        let growth =
            stream.retention.mode == .hold && !stream.retention.keepsEverything
            ? ". Meanwhile 'policy: hold' lets the stream grow beyond its bound" : ""
        return Note(
            text: "Stream '\(stream.selection)' has no handler here for \(whose); \(rest)\(growth)", broker: broker,
            stream: stream.selection)
    }
}
