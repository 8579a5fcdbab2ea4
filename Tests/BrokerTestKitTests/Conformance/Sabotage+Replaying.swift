// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerMemory

extension Sabotage {
    static let replaying: [Sabotage] = [
        rewinding("nothing comes again", caughtBy: "once more") { (_, base, stream, group) async throws(BrokerError) in
            try await base.rewind(group, of: stream, to: .latest)
        },
        rewinding("a time is taken for the beginning", caughtBy: "to a time or the beginning") {
            (start, base, stream, group) async throws(BrokerError) in
            var start = start
            if case .time = start { start = .earliest }
            return try await base.rewind(group, of: stream, to: start)
        },
        rewinding("every group is rewound", caughtBy: "disturbs no other group") {
            (start, base, stream, group) async throws(BrokerError) in
            _ = try? await base.rewind("audit", of: stream, to: start)
            return try await base.rewind(group, of: stream, to: start)
        },
        rewinding("the group is made anew", caughtBy: "before the position stays as it is") {
            (start, base, stream, group) async throws(BrokerError) in
            try base.destroyGroup(group, of: stream)
            await base.revive(group, of: stream)
            return try await base.rewind(group, of: stream, to: start)
        },
        rewinding("it goes back too far", caughtBy: "behind the position comes once") {
            (_, base, stream, group) async throws(BrokerError) in
            try await base.rewind(group, of: stream, to: .earliest)
        },
        rewinding("what is in hand does not come again", caughtBy: "receipts of before a rewinding settle safely") {
            (_, base, stream, group) async throws(BrokerError) in
            try await base.rewind(group, of: stream, to: .latest)
        },
        rewinding("what is gone stays pending", caughtBy: "what is gone and was pending") {
            (_, base, stream, group) async throws(BrokerError) in
            try await base.rewind(group, of: stream, to: .latest)
        },
        rewinding("what was not given yet is skipped", caughtBy: "skips nothing") {
            (start, base, stream, group) async throws(BrokerError) in
            await base.drop(stream, group)
            return try await base.rewind(group, of: stream, to: start)
        },
        rewinding("a group that does not exist is no error", caughtBy: "does not exist is an error") {
            (start, base, stream, group) async throws(BrokerError) in
            (try? await base.rewind(group, of: stream, to: start)) ?? .zero
        },
        storing("what was a dead letter has no key", caughtBy: "that comes back") {
            if $0.headers[ReservedHeaders.reason] != nil { $0.key = nil }
        },
        storing("nobody is told for whom it is", caughtBy: "put back for one group") {
            $0.headers[ReservedHeaders.onlyGroup] = nil
        },
        Sabotage("what is moved stays where it was", caughtBy: "moving an entry stores") {
            $0.moves = { (entries, base, _, destination) in await base.store(entries, in: destination) }
        },
        Sabotage("what is gone is stored all the same", caughtBy: "moving an entry that is gone") {
            $0.moves = { (entries, base, source, destination) in
                _ = await base.move(entries, from: source, to: "nowhere")
                return await base.store(entries, in: destination)
            }
        },
        Sabotage("it is looked at first and removed later", caughtBy: "two who move the same entries") {
            $0.moves = { (entries, base, source, destination) in
                let there = (try? await base.range(.zero ... .maximum, of: source, limit: 1000).map(\.id)) ?? []
                let results = await base.store(entries.filter { there.contains($0.id) }, in: destination)
                await Task.yield()
                for id in there { _ = try? base.deleteEntry(id, of: source) }
                return results
            }
        },
        Sabotage("only the entries are deleted", caughtBy: "gone with its groups") {
            $0.deletes = { (selection, _, base) async throws(BrokerError) in
                guard case .stream(let stream) = selection else { return 0 }
                return try await base.purge(stream) > 0 ? 1 : 0
            }
        },
        Sabotage("everything is idle", caughtBy: "is not deleted as idle") {
            $0.deletes = { (selection, _, base) async throws(BrokerError) in
                try await base.delete(selection, idleFor: .zero)
            }
        },
    ]

    private static func rewinding(
        _ description: String, caughtBy: String,
        _ rewind:
            @escaping @Sendable (StartPosition, MemoryProvider, StreamName, GroupName) async throws(BrokerError) ->
            MessageID
    ) -> Sabotage {
        Sabotage(description, caughtBy: caughtBy) { $0.rewinds = rewind }
    }
}

extension MemoryProvider {
    private func subscription(_ stream: StreamName, _ group: GroupName) async -> (any BrokerSubscription)? {
        try? await subscribe(SubscriptionRequest(.stream(stream), group: group, consumer: "saboteur"))
    }

    /// Stores messages and removes nothing.
    fileprivate func store(
        _ entries: [StoredMessage], in stream: StreamName
    ) async -> [Result<MessageID?, BrokerError>] {
        await publish(PublishBatch(entries.map { PublishBatch.Entry(stream: stream, message: $0.message) }))
            .map { $0.map { $0.id } }
    }

    /// Makes a group that was destroyed exist again.
    fileprivate func revive(_ group: GroupName, of stream: StreamName) async {
        await subscription(stream, group)?.close()
    }

    /// Takes away what the group has not been given yet.
    fileprivate func drop(_ stream: StreamName, _ group: GroupName) async {
        guard let subscription = await subscription(stream, group) else { return }
        let found = try? await subscription.receive(ReceiveRequest(limit: 100, wait: .zero)).messages
        _ = try? await subscription.settle((found ?? []).map { Settlement($0.receipt, .ack) })
        await subscription.close()
    }
}
