// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore
import RedisWire
import Synchronization

/// What tools see from outside: the handler of a group that has been running longest.
extension RedisSubscription: HandlerReporting {
    func report(_ handler: RunningHandler, isOver: Bool, for lifetime: Duration) async throws(BrokerError) {
        try throwIfClosed()
        let memberships = state.withLock { $0.memberships }
        guard let position = memberships.position(of: handler.stream) else { return }
        var calls = ScriptCalls()
        calls.addShow(isOver ? nil : handler.message, handler.running, for: lifetime, memberships[position], member)
        let action = "show a handler of '\(selection)'"
        let connection = try await provider.commandConnection(
            to: action, for: calls.routes, uninterruptedFor: callTimeout)
        do throws(RedisError) {
            let replies = try await connection.run(calls, timeout: callTimeout)
            if let error = replies.first?.error { throw RedisError(error) }
        } catch {
            throw BrokerError(error, action)
        }
    }
}

/// The handler that a group shows, as the field `slow` of its floor has it: `since until id consumer`.
package struct ShownHandler: Sendable, Hashable {
    /// When it began, by the server's clock.
    package let since: Timestamp
    /// Until when it is shown.
    package let until: Timestamp
    /// The id of its message.
    package let id: MessageID
    /// Its consumer.
    package let consumer: ConsumerName

    /// Reads the field; `nil` if it shows nothing, or junk.
    package init?(_ text: String) {
        let parts = text.split(separator: " ", maxSplits: 3)
        guard parts.count == 4, let since = Int64(parts[0]), let until = Int64(parts[1]),
            let id = MessageID(String(parts[2]))
        else { return nil }
        self.since = Timestamp(milliseconds: since)
        self.until = Timestamp(milliseconds: until)
        self.id = id
        consumer = ConsumerName(String(parts[3]))
    }

    /// The handler as it is at `now`; `nil` if it is not shown any more.
    package func handler(of group: GroupName, in stream: StreamName, at now: Timestamp) -> RunningHandler? {
        guard now <= until else { return nil }
        return RunningHandler(
            group: group, consumer: consumer, stream: stream, message: id, running: max(.zero, now - since))
    }
}
