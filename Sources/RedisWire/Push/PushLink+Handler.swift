// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Logging
import NIOCore
import Synchronization

/// Calls of the handler, on the event loop.
extension PushLink {
    func opened(_ number: Int, _ channel: any Channel) {
        let (isWanted, address) = state.withLock { state in
            guard state.push.opened(number) else { return (false, state.address) }
            state.channel = channel
            return (true, state.address)
        }
        if isWanted, let address { source?.proved(address, by: self) }
        logger.debug("connected for live messages", metadata: [LinkLoggingKeys.address: "\(place)"])
        isWanted ? channel.flush() : channel.close(promise: nil)
    }

    func takeRequests(_ number: Int) -> [PushRequest] {
        state.withLock { $0.push.takeRequests(number) }
    }

    /// Hands events to the receiver; returns whether it takes more.
    func deliver(_ events: [PushEvent]) -> Bool {
        receiver.take(events)
    }

    /// Gives up the connection until the receiver takes messages again.
    func pause(_ number: Int) {
        let isGap = state.withLock { $0.push.pause(number) }
        if isGap { logGap(RedisError(.overloaded, "the buffer is full")) }
    }

    func settle(_ results: [PushResult], _ number: Int) {
        for result in results {
            if result.hasLeft {
                left(result.topic, number)
                continue
            }
            let waiters = state.withLock { $0.push.replied(result.topic, refusal: result.refusal, number) }
            if let refusal = result.refusal {
                _ = receiver.take([.refused(result.topic, refusal)])
                if waiters.isEmpty { logRefusal(refusal, result.topic) }
            }
            let outcome: Result<Void, RedisError> = result.refusal.map { .failure($0) } ?? .success(())
            for waiter in waiters { waiter.resume(returning: outcome) }
        }
    }

    func askAgain(_ number: Int) {
        change { ($0.askAgain(number), ()) }
    }

    func check(_ number: Int) {
        let (channel, address) = state.withLock { state in
            state.push.isCurrent(number) ? (state.channel, state.address) : (nil, nil)
        }
        if let address, !servers.contains(address) {
            logger.warning(
                "The node that is listened to does not belong to the cluster any more; another one is looked for",
                metadata: [LinkLoggingKeys.address: "\(address)"])
            channel?.close(promise: nil)
        } else {
            change { ($0.check(number), ()) }
        }
    }

    private func left(_ topic: PushTopic, _ number: Int) {
        let isGap = change { $0.left(topic, number) }
        if isGap { logLeaving(topic) }
    }

    func ended(_ number: Int, _ error: RedisError) {
        // A connection that was given up takes no topic along: they may be at the next one already.
        if state.withLock({ $0.push.number == number }) { _ = receiver.take([.lost(error)]) }
        let chance = Double.random(in: 0...1)
        let address = state.withLock { $0.push.number == number ? $0.address : nil }
        let (waiters, isGap, isAttempt) = change { state in
            let isAttempt = state.isAwaited(number)
            let (waiters, step, isGap) = state.ended(number, error, chance: chance)
            return (step, (waiters, isGap, isAttempt))
        }
        if let address { tell(address, error, isAttempt: isAttempt) }
        if isAttempt { servers.watch?.failed(error) }
        for waiter in waiters { waiter.resume(returning: .failure(error)) }
        if isGap { logGap(error) }
    }

    /// Where the connection leads, or led.
    private var place: String {
        if case .server = options.url.place { return "\(options.url)" }
        return state.withLock { $0.address }.map { "\($0)" } ?? "\(options.url)"
    }

    func logGap(_ error: RedisError) {
        logger.warning(
            "Live messages are missed until the connection is back",
            metadata: [
                LinkLoggingKeys.address: "\(place)", LinkLoggingKeys.error: "\(error)",
                "broker.gaps": "\(report.gaps)",
            ])
    }

    private func logLeaving(_ topic: PushTopic) {
        logger.warning(
            "Live messages of a channel are missed until it is found again: its slot has moved to another server",
            metadata: [
                LinkLoggingKeys.address: "\(place)", "broker.channel": "\(topic.text)",
                "broker.gaps": "\(report.gaps)",
            ])
    }

    private func logRefusal(_ error: RedisError, _ topic: PushTopic) {
        logger.error(
            "The server refuses a channel that it allowed before",
            metadata: ["broker.channel": "\(topic.text)", LinkLoggingKeys.error: "\(error)"])
    }
}
