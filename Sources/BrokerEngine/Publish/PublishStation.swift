// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Synchronization

/// Station 1 of 6: hands messages to the provider; concurrent callers share a write.
///
/// There is no background task. The first caller writes at once and alone. Callers that arrive during the write share
/// the next one, and the first of them leads it. Every caller waits for its results, so a slow provider slows its
/// publishers down. The number of bytes that wait is bounded.
final class PublishStation: Sendable {
    private typealias Results = [Result<PublishReceipt, BrokerError>]
    private typealias Queue = PublishQueue<CheckedContinuation<Turn, Never>>

    private enum Turn {
        case lead([Queue.Request], by: Int)
        case done(ArraySlice<Result<PublishReceipt, BrokerError>>)
        case refused
        case withdrawn
        case expired(isWritten: Bool)
    }

    let broker: BrokerName
    private let provider: any BrokerProvider
    private let observers: Observers
    let clock: any BrokerClock
    private let queue = Mutex(Queue())
    private let lastTicket = Atomic(0)

    init(broker: BrokerName, provider: any BrokerProvider, observers: Observers, clock: any BrokerClock) {
        self.broker = broker
        self.provider = provider
        self.observers = observers
        self.clock = clock
    }

    /// Stores messages; returns one result for each, in order.
    ///
    /// - Parameters:
    ///   - entries: The messages.
    ///   - isCancellable: Whether a cancelled caller takes its messages back, as long as no write contains them. Once a
    ///     write contains them, the call returns their results.
    ///   - deadline: When the caller stops waiting.
    func publish(
        _ entries: [PublishBatch.Entry], isCancellable: Bool, until deadline: Instant = .distantFuture
    ) async -> [Result<PublishReceipt, BrokerError>] {
        guard !entries.isEmpty else { return [] }
        if isCancellable, Task.isCancelled { return entries.map { _ in .failure(.publisherCancelled) } }
        if queue.withLock({ $0.lead() }) {
            let results = await write(entries, until: deadline)
            passOn()
            return results
        }
        switch await waitForTurn(entries, isCancellable, until: deadline) {
        case .lead(let requests, let leader): return await lead(requests, by: leader)
        case .done(let results): return Array(results)
        case .refused: return entries.map { _ in .failure(.publisherOverloaded) }
        case .withdrawn: return entries.map { _ in .failure(.publisherCancelled) }
        case .expired(let isWritten): return entries.map { _ in .failure(.publisherTimedOut(isWritten: isWritten)) }
        }
    }

    /// Tells observers of each message that another broker has stored and that could not be stored here.
    func report(_ results: [Result<PublishReceipt, BrokerError>], ofBroadcast entries: [PublishBatch.Entry]) {
        for (entry, result) in zip(entries, results) {
            guard case .failure(let error) = result else { continue }
            observers.tell(.broadcastFailed(broker: broker, stream: entry.stream, error: error))
        }
    }

    private func waitForTurn(
        _ entries: [PublishBatch.Entry], _ isCancellable: Bool, until deadline: Instant
    ) async -> Turn {
        let ticket = lastTicket.add(1, ordering: .relaxed).newValue
        if deadline == .distantFuture { return await waitForTurn(entries, isCancellable, ticket, until: deadline) }
        return await withTaskGroup(of: Turn?.self) { group in
            group.addTask { await self.waitForTurn(entries, isCancellable, ticket, until: deadline) }
            group.addTask {
                await self.sleep(until: deadline, on: self.clock)
                if !Task.isCancelled { self.expire(ticket) }
                return nil
            }
            for await case let turn? in group {
                group.cancelAll()
                return turn
            }
            return .withdrawn
        }
    }

    private func sleep(until deadline: Instant, on clock: some BrokerClock) async {
        await clock.sleep(until: deadline)
    }

    private func expire(_ ticket: Int) {
        guard let expired = queue.withLock({ $0.expire(ticket) }) else { return }
        expired.waiter.resume(returning: .expired(isWritten: expired.isWritten))
    }

    private func waitForTurn(
        _ entries: [PublishBatch.Entry], _ isCancellable: Bool, _ ticket: Int, until deadline: Instant
    ) async -> Turn {
        let bytes = entries.reduce(0) { $0 + $1.message.weight }
        let now = clock.now
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let request = Queue.Request(
                    entries: entries, bytes: bytes, since: now, ticket: ticket, waiter: continuation, deadline: deadline
                )
                let turn = queue.withLock { queue -> Turn? in
                    if queue.lead() { return .lead([request], by: 0) }
                    return queue.wait(request) ? nil : .refused
                }
                if let turn { return continuation.resume(returning: turn) }
                // A caller that was cancelled before its request was in the queue is not found by `onCancel`.
                if isCancellable, Task.isCancelled { withdraw(ticket) }
            }
        } onCancel: {
            if isCancellable { withdraw(ticket) }
        }
    }

    private func withdraw(_ ticket: Int) {
        queue.withLock { $0.withdraw(ticket) }?.waiter.resume(returning: .withdrawn)
    }

    /// Writes for all requests; the leader's is the caller's own.
    private func lead(_ requests: [Queue.Request], by leader: Int) async -> Results {
        let results = await write(
            Queue.entries(of: requests), since: requests[0].since, until: requests[leader].deadline)
        passOn()
        var own: Results = []
        var offset = 0
        for index in requests.indices {
            let end = offset + requests[index].entries.count
            let part = results[offset..<end]
            offset = end
            if index == leader {
                own = Array(part)
            } else if requests[index].deadline == .distantFuture || queue.withLock({ $0.stillWaits(requests[index]) }) {
                requests[index].waiter.resume(returning: .done(part))
            }
        }
        return own
    }

    /// Ends the write and wakes the leader of the next one.
    private func passOn() {
        let next = queue.withLock { $0.finish() }
        if next.isEmpty { return }
        let leader = Queue.leader(of: next)
        next[leader].waiter.resume(returning: .lead(next, by: leader))
    }

    private func write(
        _ entries: [PublishBatch.Entry], since: Instant? = nil, until deadline: Instant
    ) async -> Results {
        let began = clock.now
        var batch = PublishBatch(entries, waited: since.map { began - $0 } ?? .zero)
        if deadline != .distantFuture { batch.limit = max(.zero, deadline - began) }
        let results = Self.complete(await provider.publish(batch), for: entries.count)
        var event = PublishedEvent(broker: broker, stored: 0, failed: 0, duration: clock.now - began)
        for result in results { event.count(result) }
        observers.tell(.published(event))
        return results
    }

    /// One result for each message, however many the provider returned: results belong to callers by position.
    private static func complete(_ results: Results, for count: Int) -> Results {
        if results.count == count { return results }
        let missing = max(0, count - results.count)
        return Array(results.prefix(count)) + repeatElement(.failure(.lostResult), count: missing)
    }
}

extension Message {
    /// Roughly the number of bytes that the message takes while it waits.
    fileprivate var weight: Int {
        headers.reduce(payload.count + 64) { $0 + $1.name.utf8.count + $1.value.count }
    }
}

extension BrokerError {
    static let lostResult = BrokerError(
        .malformedReply, "the provider returned fewer results than it was given messages", effect: .unknown)
    static let publisherOverloaded = BrokerError(
        .overloaded, "64 MiB of messages wait to be stored already; the provider is slower than its publishers",
        isRetryable: true)

    static func publisherTimedOut(isWritten: Bool) -> BrokerError {
        isWritten
            ? BrokerError(
                .timeout, "the broker did not reply within the publish's timeout; the message may be stored",
                isRetryable: true, effect: .unknown)
            : BrokerError(
                .timeout, "no write began within the publish's timeout, and the message was not stored",
                isRetryable: true)
    }

    static let publisherCancelled = BrokerError(
        .cancelled, "the publisher was cancelled before its message was sent, and it was not stored")
}
