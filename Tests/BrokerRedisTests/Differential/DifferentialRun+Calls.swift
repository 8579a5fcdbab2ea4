// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerMemory
import BrokerRedis

/// What calls do on both sides.
extension DifferentialRun {
    mutating func carryOut(_ call: Call) async throws {
        switch call {
        case .join(let consumer, let group, let stream, let start): try await join(consumer, group, stream, start)
        case .publish(let numbers, let stream): try await publish(numbers, to: stream)
        case .receive(let consumer, let limit, let suspects, let isLost):
            guard let place = place(of: consumer) else { return }
            try await receive(place, ReceiveRequest(limit: limit, wait: .zero, suspects: suspects), isLost)
        case .settle(let consumer, let decisions, let isLost):
            if let place = place(of: consumer) { try await settle(place, decisions, isLost) }
        case .extend(let consumer, let leases, let isLost):
            if let place = place(of: consumer) { try await extend(place, leases, isLost) }
        case .pass(let milliseconds): try pass(milliseconds)
        case .die(let consumer):
            if let place = place(of: consumer) { clients[place].isGone = true }
        case .leave(let consumer):
            if let place = place(of: consumer) { await leave(place) }
        case .maintain(let bound): try await maintain(bound)
        case .rewind(let group, let stream, let target): try await rewind(group, stream, target)
        case .delete, .disturb, .destroy, .deleteConsumer, .flush: try await interfere(call)
        }
    }

    private mutating func join(
        _ consumer: Int, _ group: Int, _ stream: Int, _ start: Call.Beginning
    ) async throws {
        if clients.contains(where: { $0.number == consumer }) { return }
        let request = SubscriptionRequest(
            .stream(CallSequence.streams[stream]), group: CallSequence.groups[group],
            consumer: ConsumerName("c\(consumer)"),
            start: LegalDifferences.start(start, hasFlushed: hasFlushed), visibility: visibility)
        let subscription = try await server.provider.subscribe(request)
        let modelSubscription = model.log.subscribe(request)
        clients.append(
            Client(
                number: consumer, stream: stream, group: group, modelSubscription: modelSubscription,
                subscription: subscription))
        joined[stream].insert(group)
    }

    private mutating func publish(_ numbers: [Int], to stream: Int) async throws {
        let batch = PublishBatch(entries(numbers, to: stream))
        let found = await server.provider.publish(batch)
        let expected = model.log.publish(batch.entries, at: model.time)
        try Self.equal(try found.map { try $0.get() }, try expected.map { try $0.get() }, "ids")
    }

    private func entries(_ numbers: [Int], to stream: Int) -> [PublishBatch.Entry] {
        numbers.map {
            PublishBatch.Entry(stream: CallSequence.streams[stream], message: CallSequence.message($0))
        }
    }

    private mutating func leave(_ place: Int) async {
        clients[place].isGone = true
        await clients[place].subscription.close()
        model.log.unsubscribe(clients[place].modelSubscription)
    }

    private mutating func maintain(_ bound: Call.Bound) async throws {
        let retention =
            switch bound {
            case .hold(let length): RetentionPolicy(maximumLength: length, mode: .hold)
            case .cap(let length): RetentionPolicy(maximumLength: length, mode: .cap)
            }
        let request = MaintenanceRequest(
            streams: zip(CallSequence.streams, joined).map { stream, groups in
                MaintenanceRequest.Stream(
                    selection: .stream(stream), retention: retention,
                    groups: groups.sorted().map { CallSequence.groups[$0] })
            })
        let found = try await server.provider.maintain(request)
        let expected = model.log.maintain(request, at: model.time.timestamp)
        if !LegalDifferences.isTrimmed(found, expected, deleted: deletedPending) {
            throw Difference("trimmed: \(found), the model has \(expected)")
        }
        try Self.equal(LegalDifferences.held(found.held), LegalDifferences.held(expected.held), "held")
    }

    /// How many pending entries somebody has deleted.
    private var deletedPending: Int {
        states.reduce(0) { count, state in
            let entries = Set(state.entries.map(\.id))
            return count + Set(state.groups.values.flatMap(\.pending).map(\.id)).subtracting(entries).count
        }
    }

    private mutating func rewind(_ group: Int, _ stream: Int, _ target: Call.Target) async throws {
        let start: StartPosition
        switch target {
        case .earliest: start = .earliest
        case .latest: start = .latest
        case .after(let number):
            guard let id = ids[stream][number] else { return }
            start = .after(id)
        }
        let (name, key) = (CallSequence.groups[group], CallSequence.streams[stream])
        let exists = model.log.rewind(name, of: key, to: start) != nil
        do throws(BrokerError) {
            _ = try await server.provider.rewind(name, of: key, to: start)
            if !exists { throw BrokerError(.server, "rewound what the model does not have") }
        } catch {
            if exists || error.code != .undeclaredGroup { throw error }
        }
    }
}

/// What strangers do.
extension DifferentialRun {
    private mutating func interfere(_ call: Call) async throws {
        switch call {
        case .delete(let number, let stream):
            guard let id = ids[stream][number] else { return }
            let name = CallSequence.streams[stream]
            try await server.command("XDEL", name.text, "\(id)")
            _ = model.log.deleteEntry(id, of: name)
        case .destroy(let group, let stream):
            let (name, key) = (CallSequence.groups[group], CallSequence.streams[stream])
            try await server.meddle("XGROUP", "DESTROY", key.text, name.text)
            model.log.destroyGroup(name, of: key)
            loose[stream][group] = LooseIndex(hasLeftovers: true)
        case .deleteConsumer(let consumer):
            guard let client = clients.first(where: { $0.number == consumer }) else { return }
            let (name, key) = (CallSequence.groups[client.group], CallSequence.streams[client.stream])
            try await server.meddle(
                "XGROUP", "DELCONSUMER", key.text, name.text, "c\(consumer)@\(visibility.millisecondsRoundedUp)")
            model.log.deleteConsumer(ConsumerName("c\(consumer)"), of: name, in: key)
        case .flush:
            try await server.command("FLUSHALL")
            model.log.flush()
            hasFlushed = true
            ids = ids.map { _ in [:] }
        case .disturb(let disturbance, let group, let stream): try await disturb(disturbance, group, stream)
        default: break
        }
    }

    private mutating func disturb(_ disturbance: Call.Disturbance, _ group: Int, _ stream: Int) async throws {
        let key = server.dueKey(CallSequence.groups[group], CallSequence.streams[stream])
        let pending = states[stream].groups[group]?.pending ?? []
        var touched = Set(pending.filter { $0.holder == nil }.map(\.id))
        switch disturbance {
        case .lose: try await server.command("DEL", key)
        case .replace: try await server.command("SET", key, "a text")
        case .addJunk:
            try await server.meddle("ZADD", key, "0", "junk")
            touched = []
        case .addDue(let number), .addNever(let number), .remove(let number):
            guard let id = ids[stream][number] else { return }
            touched.formIntersection([id])
            let member = DueLine.member(of: id)
            switch disturbance {
            case .remove: try await server.meddle("ZREM", key, member)
            case .addDue: try await server.meddle("ZADD", key, "0", member)
            default: try await server.meddle("ZADD", key, "\(now + 630_720_000_000)", member)
            }
        }
        loose[stream][group].entries.formUnion(touched)
        loose[stream][group].hasLeftovers = true
    }
}
