// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// Who writes what next: a pure value.
///
/// One caller at a time is the leader and writes for all who came before it began; those who come meanwhile wait, and
/// the first of them leads the next write.
package struct PublishQueue<Waiter: Sendable>: Sendable {
    /// At most so many messages leave in one write.
    package static var maximumWrite: Int { 4096 }
    /// At most so many bytes leave in one write, unless one caller's messages alone are more.
    package static var maximumWriteBytes: Int { 4 << 20 }
    /// At most so many bytes wait for a write; who comes then is refused.
    package static var maximumWaitingBytes: Int { 64 << 20 }
    /// Who came so much later than the first of a write has not waited as long, and goes with the next one.
    package static var maximumSpread: Duration { .seconds(1) }

    /// One caller's messages.
    package struct Request: Sendable {
        package var entries: [PublishBatch.Entry]
        package var bytes: Int
        /// When it came.
        package var since: Instant
        package var ticket: Int
        package var waiter: Waiter

        package init(entries: [PublishBatch.Entry], bytes: Int, since: Instant, ticket: Int, waiter: Waiter) {
            self.entries = entries
            self.bytes = bytes
            self.since = since
            self.ticket = ticket
            self.waiter = waiter
        }
    }

    private var waiting: [Request] = []
    private var waitingBytes = 0
    private var isWriting = false

    package init() {}

    /// Begins a write at once, unless one is in flight; true makes the caller the leader.
    package mutating func lead() -> Bool {
        guard !isWriting else { return false }
        isWriting = true
        return true
    }

    /// Waits for the next write; false when too much waits already.
    package mutating func wait(_ request: Request) -> Bool {
        guard waitingBytes + request.bytes <= Self.maximumWaitingBytes || waiting.isEmpty else { return false }
        waiting.append(request)
        waitingBytes += request.bytes
        return true
    }

    /// Takes a request back that waits; `nil` when it is part of a write, or was told already.
    package mutating func withdraw(_ ticket: Int) -> Request? {
        guard let index = waiting.firstIndex(where: { $0.ticket == ticket }) else { return nil }
        waitingBytes -= waiting[index].bytes
        return waiting.remove(at: index)
    }

    /// Ends a write; returns the requests of the next one, whose first becomes the leader, or none.
    package mutating func finish() -> [Request] {
        var count = 0
        var messages = 0
        var bytes = 0
        for request in waiting {
            messages += request.entries.count
            bytes += request.bytes
            let isFull = messages > Self.maximumWrite || bytes > Self.maximumWriteBytes
            if count > 0, isFull || request.since - waiting[0].since > Self.maximumSpread { break }
            count += 1
            waitingBytes -= request.bytes
        }
        let next = Array(waiting.prefix(count))
        waiting.removeFirst(count)
        isWriting = !next.isEmpty
        return next
    }
}
