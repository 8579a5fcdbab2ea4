// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// The way from a registry's handlers to its streams: where an output goes, and what is checked before it does.
struct PublishRouter: Sendable {
    /// Who awaits an answer, on which broker.
    struct Requester: Sendable {
        let address: StreamName
        let broker: BrokerName
    }

    let directory: StreamDirectory
    let brokers: [BrokerName: Broker]
    let codec: any MessageCodec
    let middleware: MiddlewareChain
    let observers: Observers

    /// What holds for a stream that is published to; throws when the configuration does not declare it.
    func route(of stream: StreamName) throws(BrokerError) -> (broker: Broker, stream: StreamConfiguration) {
        guard let route = directory.route(of: stream), let broker = brokers[route.broker] else {
            let suggestion = Suggestion.phrase(for: stream.text, among: directory.names)
            throw BrokerError(.undeclaredStream, "the configuration declares no stream '\(stream)'\(suggestion)")
        }
        return (broker, route.stream)
    }

    /// A message as it is to be stored: made ready by the middleware, and by the rules of its stream.
    func prepare(
        _ message: Message, for stream: StreamConfiguration, named name: StreamName,
        _ purpose: OutboundMessage.Purpose, cause: Delivery? = nil
    ) async throws(BrokerError) -> Message {
        let message = try await middleware.prepare(message, for: name, purpose, cause: cause)
        try MessageRules.check(message, for: name, maximumPayload: stream.maximumPayload)
        return message
    }

    /// The messages that outputs come to, each with its stream; checked as those are that anybody publishes.
    ///
    /// What stays with the requester's broker takes the requester's address along, so that a later stage can answer.
    func entries(
        of outputs: [StreamOutput], from delivery: Delivery, requester: Requester?
    ) async throws(BrokerError) -> [PublishBatch.Entry] {
        var entries: [PublishBatch.Entry] = []
        for output in outputs {
            let route = try route(of: output.stream)
            let made = try output.makeMessage(codec, delivery.message.key)
            let message = try await prepare(
                made.withoutReservedHeaders(of: delivery.stored), for: route.stream, named: output.stream, .forward,
                cause: delivery)
            var next = message.following(delivery)
            if let requester, requester.broker == route.broker.name {
                next.headers[ReservedHeaders.replyTo] = requester.address.text
            }
            entries.append(PublishBatch.Entry(stream: output.stream, message: next))
        }
        return entries
    }

    /// Whether a broker can store all these and be done with the message of `stream`, in one step.
    func isOneStep(_ entries: [PublishBatch.Entry], from stream: StreamName, on broker: BrokerName) -> Bool {
        guard let broker = brokers[broker], broker.capabilities.contains(.atomicForward),
            entries.allSatisfy({ directory.route(of: $0.stream)?.broker == broker.name })
        else { return false }
        guard let limited = broker.service as? any ForwardLimiting else { return true }
        return limited.canForward(entries, from: stream)
    }

    /// Stores messages, each in its stream; throws the first failure, when others may have been stored.
    func publish(_ entries: [PublishBatch.Entry]) async throws(BrokerError) {
        for run in try runs(of: entries, by: { $0.broker.name }) {
            guard let broker = brokers[run.broker] else { continue }
            for result in await broker.store(run.entries) { _ = try result.get() }
        }
        await broadcast(entries)
    }

    /// Whether one of these is to be broadcast as well, once it is stored.
    func isBroadcast(_ entries: [PublishBatch.Entry]) -> Bool {
        entries.contains { directory.route(of: $0.stream)?.stream.also != nil }
    }

    /// Broadcasts what has been stored, as far as its streams are broadcast as well.
    func broadcast(_ entries: [PublishBatch.Entry]) async {
        guard isBroadcast(entries), let runs = try? runs(of: entries, by: { $0.stream.also }) else { return }
        for run in runs { await broadcast(run.entries, on: run.broker) }
    }

    /// Broadcasts what was stored; a failure changes nothing about the result of the store.
    func broadcast(_ entries: [PublishBatch.Entry], on name: BrokerName) async {
        guard let broker = brokers[name] else { return }
        for (entry, result) in zip(entries, await broker.store(entries)) {
            guard case .failure(let error) = result else { continue }
            observers.tell(.broadcastFailed(broker: name, stream: entry.stream, error: error))
        }
    }

    /// The messages of one broker after another, in order; those that have none are left out.
    private func runs(
        of entries: [PublishBatch.Entry],
        by broker: ((broker: Broker, stream: StreamConfiguration)) -> BrokerName?
    ) throws(BrokerError) -> [(broker: BrokerName, entries: [PublishBatch.Entry])] {
        var runs: [(broker: BrokerName, entries: [PublishBatch.Entry])] = []
        for entry in entries {
            guard let name = broker(try route(of: entry.stream)) else { continue }
            if runs.last?.broker != name { runs.append((name, [])) }
            runs[runs.count - 1].entries.append(entry)
        }
        return runs
    }
}
