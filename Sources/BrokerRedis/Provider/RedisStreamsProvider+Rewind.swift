// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
import RedisWire

extension RedisStreamsProvider: Replaying {
    /// Lets a group be given again everything from a position on, and returns the id behind which it reads now.
    ///
    /// One script. Consumers that wait for something new look again after five seconds at the latest.
    public func rewind(
        _ group: GroupName, of stream: StreamName, to start: StartPosition
    ) async throws(BrokerError) -> MessageID {
        let action = "rewind '\(group)' of '\(stream)'"
        var calls = ScriptCalls()
        let key = keys.key(of: stream)
        calls.begin(RedisScripts.rewind, for: .key(key), keys: 3, arguments: 2)
        for key in [key, keys.floor(group, of: stream), keys.due(group, of: stream)] { calls.add(key) }
        calls.add(group.text)
        calls.add(start.onServer)
        let answer = try await ask(calls, to: action).first
        if answer?.isAbsence == true {
            throw BrokerError(.undeclaredGroup, "stream '\(stream)' has no group '\(group)' yet")
        }
        if let error = answer?.error { throw BrokerError(error, action) }
        guard let id = answer.flatMap(EntryDecoder.id) else {
            throw BrokerError(
                .malformedReply, "could not \(action): the script answered something else", effect: .unknown)
        }
        return id
    }
}
