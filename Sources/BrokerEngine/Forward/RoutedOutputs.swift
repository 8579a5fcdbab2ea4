// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// The outputs of a handler as they are to be stored, each with its route.
struct RoutedOutputs: Sendable {
    /// The messages in the order of the outputs.
    private(set) var entries: [PublishBatch.Entry] = []
    private var routes: [StreamRoute] = []

    /// Whether a stream of theirs is broadcast as well.
    var areBroadcast: Bool { routes.contains { $0.also != nil } }

    fileprivate mutating func append(
        _ message: Message, id: DeduplicationID?, to route: StreamRoute
    ) throws(BrokerError) {
        entries.append(try route.entry(of: message, id: id))
        routes.append(route)
    }

    /// Whether a broker can store all these and be done with the message of `stream`, in one step.
    ///
    /// - Returns: The messages as the broker stores them; `nil` if it cannot.
    func oneStep(from stream: StreamName, on name: BrokerName) throws(BrokerError) -> [PublishBatch.Entry]? {
        guard let broker = routes.first?.broker, broker.capabilities.contains(.atomicForward),
            routes.allSatisfy({ $0.broker.name == name })
        else { return nil }
        let written = try written(by: broker)
        guard let limited = broker.service as? any ForwardLimiting else { return written }
        return limited.canForward(written, from: stream) ? written : nil
    }

    private func written(by broker: Broker) throws(BrokerError) -> [PublishBatch.Entry] {
        if broker.directory.hasStandardLayouts { return entries }
        var written: [PublishBatch.Entry] = []
        for entry in entries { written.append(try broker.directory.written(entry).get()) }
        return written
    }

    /// Stores the messages and broadcasts them; throws the first failure, when others may have been stored.
    func publish() async throws(BrokerError) {
        for run in runs(by: \.broker) {
            for result in await run.broker.store(run.entries) { _ = try result.get() }
        }
        await broadcast()
    }

    /// Broadcasts the messages, which have been stored, as far as their streams are broadcast as well.
    func broadcast() async {
        for run in runs(by: \.also) { await run.broker.broadcast(run.entries) }
    }

    /// The messages of one broker after another, in order; those that have none are left out.
    private func runs(
        by broker: (StreamRoute) -> Broker?
    ) -> [(broker: Broker, entries: [PublishBatch.Entry])] {
        var runs: [(broker: Broker, entries: [PublishBatch.Entry])] = []
        for (route, entry) in zip(routes, entries) {
            guard let broker = broker(route) else { continue }
            if runs.last?.broker.name != broker.name { runs.append((broker, [])) }
            runs[runs.count - 1].entries.append(entry)
        }
        return runs
    }
}

extension PublishRouter {
    /// The requester that still awaits a reply, and the broker on which it does.
    struct Requester: Sendable {
        let address: StreamName
        let broker: BrokerName
    }

    /// Makes the outputs of a delivery ready to be stored, by the rules that hold for everything that is published.
    ///
    /// What stays on the requester's broker takes the requester's address along, so that a later handler can reply.
    func route(
        _ outputs: [StreamOutput], from delivery: Delivery, requester: Requester?
    ) async throws(BrokerError) -> RoutedOutputs {
        var routed = RoutedOutputs()
        for output in outputs {
            let route = try route(to: output.stream)
            let made = try output.makeMessage(codec, delivery.message.key)
            let message = try await prepare(
                made.withoutReservedHeaders(of: delivery.stored, for: route), for: route, .forward, cause: delivery)
            var next = message.following(delivery)
            if let requester, requester.broker == route.broker.name {
                next.headers[ReservedHeaders.replyTo] = requester.address.text
            }
            try routed.append(next, id: output.id, to: route)
        }
        return routed
    }
}

extension Message {
    /// The message without what the framework wrote beside the input, so that an input can be passed on as it is.
    fileprivate func withoutReservedHeaders(of input: Message, for route: StreamRoute) -> Message {
        guard headers.contains(where: { route.layout.reserves($0.name) }) else { return self }
        var message = self
        message.headers = Headers(
            headers.filter { !route.layout.reserves($0.name) || !input.headers.contains($0) })
        return message
    }
}
