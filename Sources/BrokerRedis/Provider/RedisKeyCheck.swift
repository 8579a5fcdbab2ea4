// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import RedisWire

/// Checks that what is declared fits into keys: each name one key, and what a script writes together in one slot.
struct RedisKeyCheck {
    let keys: RedisKeys

    /// Notes what is wrong with the names of a broker's streams and of where their dead letters go.
    func run(_ context: ProviderContext, into options: inout ConfigurationReader) {
        for stream in context.streams { check(stream, &options) }
        for route in context.deadLetters {
            guard let problem = problem(with: route) else { continue }
            options.report(problem, at: route.position)
        }
    }

    private func check(_ stream: StreamConfiguration, _ options: inout ConfigurationReader) {
        guard case .stream(let name) = stream.selection, keys.key(of: name) == keys.streams else { return }
        options.report(
            "the stream name '\(name)' is taken: the key '\(keys.streams)' is the set of the broker's streams",
            at: stream.position)
    }

    /// A dead letter is written and its message removed in one step, which a server takes in one slot only.
    private func problem(with route: DeadLetterRoute) -> String? {
        let destination = route.destination
        if keys.key(of: destination) == keys.streams {
            return "dead letters cannot go to '\(destination)': the key is the set of the broker's streams"
        }
        let reason = "dead letters of \(route.origin.text.quoted) cannot go to \(destination.text.quoted): "
        switch route.origin {
        case .stream(let origin):
            let tag = RedisSlot.tag(of: keys.key(of: origin))
            if RedisSlot.tag(of: keys.key(of: destination)) == tag { return nil }
            let suggestion = "{\(RedisSlot.tag(of: origin.text))}:\(Self.plainEnd(of: destination))"
            return reason + "both must lie in one cluster slot; write \(suggestion.quoted)"
        case .pattern(let pattern):
            let tag = RedisSlot.tag(of: keys.pattern(of: pattern))
            if RedisSlot.tag(of: keys.key(of: destination)) == tag { return nil }
            return reason + "its streams lie in different cluster slots; leave it out, each has dead letters of its own"
        }
    }

    /// What a name says beside its tag.
    private static func plainEnd(of stream: StreamName) -> String {
        let rest = stream.text.split(separator: "}", maxSplits: 1).last.map(String.init) ?? stream.text
        return String(rest.drop { ":.-_{".contains($0) })
    }
}
