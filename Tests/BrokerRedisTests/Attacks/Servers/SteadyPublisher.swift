// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import BrokerTestKit
import Logging
import RedisWire
import Synchronization

/// Publishes numbered messages one after another, whatever happens to the servers, and keeps what became of each.
final class SteadyPublisher: Sendable {
    private struct State {
        var stored: [String: MessageID] = [:]
        var refused: [String: BrokerError] = [:]
        var unknown: [String: BrokerError] = [:]
        var longest = Duration.zero
        var isOver = false
    }

    private let provider: RedisStreamsProvider
    private let state = Mutex(State())

    init(_ url: String) throws {
        provider = try RedisStreamsProvider(
            RedisStreamsOptions(connection: RedisOptions(url: try RedisURL(url))), clock: TimeControl.real().clock,
            logger: Logger(label: "publisher"))
    }

    /// The numbers of the messages whose publish returned their id.
    var stored: [String: MessageID] { state.withLock { $0.stored } }
    /// The numbers of the messages that were not stored for certain, and why.
    var refused: [String: BrokerError] { state.withLock { $0.refused } }
    /// The numbers of the messages of which nobody can say whether they were stored, and why.
    var unknown: [String: BrokerError] { state.withLock { $0.unknown } }
    /// How long the longest publish took.
    var longest: Duration { state.withLock { $0.longest } }

    /// Publishes to streams in turn until ``end()``.
    func run(_ streams: [StreamName], handledIn milliseconds: Int = 0, every pause: Duration) async throws {
        var number = 0
        while !state.withLock({ $0.isOver }) {
            await publish("\(number)", "\(number) \(milliseconds)", to: streams[number % streams.count])
            number += 1
            try await Calm.pass(pause)
        }
        await provider.close()
    }

    private func publish(_ number: String, _ text: String, to stream: StreamName) async {
        let start = ContinuousClock.now
        let entry = PublishBatch.Entry(stream: stream, message: Message(Payload(text)))
        let result = await provider.publish(PublishBatch([entry]))[0]
        let time = ContinuousClock.now - start
        state.withLock { state in
            state.longest = max(state.longest, time)
            switch result {
            case .success(let receipt): state.stored[number] = receipt.id
            case .failure(let error) where error.effect == .unknown: state.unknown[number] = error
            case .failure(let error): state.refused[number] = error
            }
        }
    }

    /// Lets the publish that is under way be the last one.
    func end() {
        state.withLock { $0.isOver = true }
    }
}
