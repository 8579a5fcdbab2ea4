// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// Finding out what became of messages: with their ids they can be sent again, and are stored once.
extension Broker {
    /// How long messages are sent again when their caller set no time.
    static let patience = Duration.seconds(30)
    /// The pauses before messages are sent again: each is twice as long as the one before.
    private static let pauses = (first: Duration.milliseconds(20), longest: Duration.seconds(1))

    /// Sends messages with an id again whose outcome is unknown, until it is known or the time is over.
    ///
    /// A caller that is cancelled gets what is known so far.
    ///
    /// - Parameters:
    ///   - results: The results of a write, one for each message.
    ///   - entries: The messages.
    ///   - deadline: When the caller stops waiting.
    /// - Returns: One result for each message, in order.
    func resolve(
        _ results: [Result<PublishReceipt, BrokerError>], of entries: [PublishBatch.Entry], until deadline: Instant
    ) async -> [Result<PublishReceipt, BrokerError>] {
        var results = results
        var doubtful = entries.indices.filter { entries[$0].deduplication != nil && results[$0].isDoubtful }
        var pause = Self.pauses.first
        let end = min(deadline, station.clock.now + Self.patience)
        while !doubtful.isEmpty, station.clock.now + pause < end {
            await sleep(for: pause, by: station.clock)
            if Task.isCancelled { break }
            pause = min(pause * 2, Self.pauses.longest)
            let again = await write(doubtful.map { entries[$0] }, isCancellable: true, until: end)
            var rest: [Int] = []
            for (position, result) in zip(doubtful, again) {
                // A refusal says nothing about the attempt before it, which stays in doubt.
                if !result.isRefusal { results[position] = result }
                if result.isWorthAnother { rest.append(position) }
            }
            doubtful = rest
        }
        return results
    }

    private func sleep(for pause: Duration, by clock: some BrokerClock) async {
        await clock.sleep(until: clock.now + pause)
    }
}

extension Result<PublishReceipt, BrokerError> {
    /// Whether the message may be stored, and asking again may tell. Of one that waits for its replicas that is known.
    fileprivate var isDoubtful: Bool {
        guard case .failure(let error) = self else { return false }
        return error.effect == .unknown && error.isRetryable && error.receipt == nil
    }

    /// Whether the write did nothing.
    fileprivate var isRefusal: Bool {
        if case .failure(let error) = self { error.effect == .notApplied } else { false }
    }

    /// Whether another attempt can tell more.
    fileprivate var isWorthAnother: Bool {
        if case .failure(let error) = self { error.isRetryable && error.receipt == nil } else { false }
    }
}
