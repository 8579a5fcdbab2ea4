// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// Decides which caller writes which messages next. A pure value.
///
/// One caller at a time is the leader: it writes for all callers that waited when it began. Callers that arrive during
/// the write wait, and the first of them leads the next write.
package struct PublishQueue<Waiter: Sendable>: Sendable {
    /// The largest number of messages in one write.
    package static var maximumWrite: Int { 4096 }
    /// The largest number of bytes in one write, unless the messages of one caller alone are more.
    package static var maximumWriteBytes: Int { 4 << 20 }
    /// The largest number of bytes that wait for a write; further callers are refused.
    package static var maximumWaitingBytes: Int { 64 << 20 }
    /// The longest time between the first and the last request of one write: the provider is told how long the first
    /// has waited, and later requests must not lose that time.
    package static var maximumSpread: Duration { .seconds(1) }

    /// One caller's messages.
    package struct Request: Sendable {
        package var entries: [PublishBatch.Entry]
        package var bytes: Int
        /// When the caller began to wait.
        package var since: Instant
        package var ticket: Int
        package var waiter: Waiter
        /// When the caller stops waiting.
        package var deadline: Instant

        package init(
            entries: [PublishBatch.Entry], bytes: Int, since: Instant, ticket: Int, waiter: Waiter,
            deadline: Instant = .distantFuture
        ) {
            self.entries = entries
            self.bytes = bytes
            self.since = since
            self.ticket = ticket
            self.waiter = waiter
            self.deadline = deadline
        }
    }

    private var waiting: [Request] = []
    private var waitingBytes = 0
    private var isWriting = false
    /// The callers whose messages a write contains and who may stop waiting for it.
    private var impatient: [Int: Waiter] = [:]

    package init() {}

    /// Begins a write unless one is in flight; returns whether the caller is the leader now.
    package mutating func lead() -> Bool {
        guard !isWriting else { return false }
        isWriting = true
        return true
    }

    /// Adds a request to the next writes; returns false when too much waits already.
    package mutating func wait(_ request: Request) -> Bool {
        guard waitingBytes + request.bytes <= Self.maximumWaitingBytes || waiting.isEmpty else { return false }
        waiting.append(request)
        waitingBytes += request.bytes
        return true
    }

    /// Removes a request that waits; returns `nil` when a write contains it, or when it has its result.
    package mutating func withdraw(_ ticket: Int) -> Request? {
        guard let index = waiting.firstIndex(where: { $0.ticket == ticket }) else { return nil }
        waitingBytes -= waiting[index].bytes
        return waiting.remove(at: index)
    }

    /// Removes a caller whose time is over; returns whether a write contains its messages, `nil` when it has its result
    /// or leads a write.
    package mutating func expire(_ ticket: Int) -> (waiter: Waiter, isWritten: Bool)? {
        if let request = withdraw(ticket) { return (request.waiter, false) }
        return impatient.removeValue(forKey: ticket).map { ($0, true) }
    }

    /// Returns whether a caller still waits for the write that has ended.
    package mutating func stillWaits(_ request: Request) -> Bool {
        request.deadline == .distantFuture || impatient.removeValue(forKey: request.ticket) != nil
    }

    /// Ends a write; returns the requests of the next one, if any. ``leader(of:)`` says which of them leads.
    package mutating func finish() -> [Request] {
        var count = 0
        var messages = 0
        var bytes = 0
        // By index: a copy of a request counts its references, and there may be thousands.
        while count < waiting.count {
            messages += waiting[count].entries.count
            bytes += waiting[count].bytes
            let isFull = messages > Self.maximumWrite || bytes > Self.maximumWriteBytes
            if count > 0, isFull || waiting[count].since - waiting[0].since > Self.maximumSpread { break }
            waitingBytes -= waiting[count].bytes
            count += 1
        }
        let next = take(count)
        isWriting = !next.isEmpty
        let leader = Self.leader(of: next)
        for index in next.indices where index != leader && next[index].deadline != .distantFuture {
            impatient[next[index].ticket] = next[index].waiter
        }
        return next
    }

    /// Takes the first requests.
    private mutating func take(_ count: Int) -> [Request] {
        guard count < waiting.count else {
            var taken: [Request] = []
            taken.reserveCapacity(waiting.count)
            swap(&taken, &waiting)
            return taken
        }
        let taken = Array(waiting.prefix(count))
        waiting.removeFirst(count)
        return taken
    }

    /// The messages of all requests.
    package static func entries(of requests: [Request]) -> [PublishBatch.Entry] {
        if requests.count == 1 { return requests[0].entries }
        var entries: [PublishBatch.Entry] = []
        entries.reserveCapacity(requests.indices.reduce(0) { $0 + requests[$1].entries.count })
        for index in requests.indices { entries += requests[index].entries }
        return entries
    }

    /// The request whose caller writes: the most patient one, since it waits for the write to its end.
    package static func leader(of requests: [Request]) -> Int {
        guard requests.indices.contains(where: { requests[$0].deadline != .distantFuture }) else { return 0 }
        return requests.indices.max { requests[$0].deadline < requests[$1].deadline } ?? 0
    }
}
