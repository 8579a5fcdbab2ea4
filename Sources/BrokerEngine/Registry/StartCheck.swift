// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// Compares handlers with the configuration and finds every mismatch, with the line of the `handle` call. A pure value.
struct StartCheck {
    let directory: StreamDirectory
    let brokers: [BrokerName: Broker]

    /// Returns the problems of handlers that are to run together.
    func problems(of handlers: [StreamHandler]) -> [ConfigurationProblem] {
        var problems: [ConfigurationProblem] = []
        for (index, handler) in handlers.enumerated() {
            problems += self.problems(of: handler)
            if handlers[..<index].contains(where: { $0.selection == handler.selection && $0.group == handler.group }) {
                problems.append(
                    problem(
                        handler,
                        "stream '\(handler.selection)' has two handlers for group '\(handler.group)'; "
                            + "a group takes one, others need a group of their own"))
            }
        }
        return problems + problemsOfRoom(for: handlers)
    }

    /// Too many handlers for a broker; the problem names the first one that has no room.
    private func problemsOfRoom(for handlers: [StreamHandler]) -> [ConfigurationProblem] {
        var served: [BrokerName: [StreamHandler]] = [:]
        for handler in handlers {
            if let declaration = directory.declaration(of: handler.selection) {
                served[declaration.broker, default: []].append(handler)
            }
        }
        return served.sorted { $0.key.text < $1.key.text }.compactMap { name, handlers in
            guard let provider = brokers[name]?.service as? any ConsumerLimiting,
                handlers.count > provider.consumerLimit
            else { return nil }
            let consumers = provider.consumerLimit == 1 ? "1 consumer" : "\(provider.consumerLimit) consumers"
            return problem(
                handlers[provider.consumerLimit],
                "broker '\(name)' has room for \(consumers), and there are \(handlers.count) handlers; "
                    + provider.consumerAdvice)
        }
    }

    /// Returns the problems that one more handler brings.
    func newProblems(of handler: StreamHandler, beside others: [StreamHandler]) -> [ConfigurationProblem] {
        let known = Set(problems(of: others))
        return problems(of: others + [handler]).filter { !known.contains($0) }
    }

    private func problems(of handler: StreamHandler) -> [ConfigurationProblem] {
        problemsOfInput(of: handler) + handler.destinations.compactMap { problem(of: $0, for: handler) }
    }

    /// The problem of a stream that outputs go to.
    private func problem(of destination: StreamSelection, for handler: StreamHandler) -> ConfigurationProblem? {
        if directory.declaration(of: destination) != nil { return nil }
        let suggestion = Suggestion.phrase(for: destination.text, among: directory.names)
        return problem(
            handler,
            "'\(handler.selection)' is connected to '\(destination)', and the configuration declares no such "
                + "stream\(suggestion)")
    }

    private func problemsOfInput(of handler: StreamHandler) -> [ConfigurationProblem] {
        guard let declaration = directory.declaration(of: handler.selection) else {
            let suggestion = Suggestion.phrase(for: handler.selection.text, among: directory.names)
            return [problem(handler, "the configuration declares no stream '\(handler.selection)'\(suggestion)")]
        }
        guard directory.settings(of: handler.group, in: declaration) != nil else {
            let groups = declaration.stream.groups.map(\.name.text)
            let suggestion = Suggestion.phrase(for: handler.group.text, among: groups)
            return [
                problem(handler, "stream '\(handler.selection)' declares no group '\(handler.group)'\(suggestion)")
            ]
        }
        guard case .pattern = handler.selection, let broker = brokers[declaration.broker],
            !broker.capabilities.contains(.patterns)
        else { return [] }
        return [
            problem(
                handler,
                "'\(handler.selection)' is a pattern, but the provider '\(broker.provider)' promises no patterns")
        ]
    }

    private func problem(_ handler: StreamHandler, _ message: String) -> ConfigurationProblem {
        ConfigurationProblem(message, at: handler.source)
    }
}
