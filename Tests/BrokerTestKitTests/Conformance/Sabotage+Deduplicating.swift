// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Synchronization

extension Sabotage {
    static let deduplicating: [Sabotage] = [
        wishing("ids are ignored", caughtBy: "published again with its id") { _ in nil },
        wishing("ids are ignored in batches", caughtBy: "twice in a batch") { _ in nil },
        wishing("ids are ignored under load", caughtBy: "many who publish an id") { _ in nil },
        knowing("ids belong to no stream", caughtBy: "belongs to its stream") { known, entry in
            entry.deduplication.map { known.contains($0.id) } ?? false
        },
        Sabotage("ids go with their entries", caughtBy: "although its entry is gone") {
            let generation = Mutex(0)
            $0.purges = { count in
                generation.withLock { $0 += 1 }
                return count
            }
            $0.publishes = { batch, base in
                let number = generation.withLock { $0 }
                return await base.publish(batch.changing { .init("\(number) \($0.id.text)", $0.policy) })
            }
        },
        wishing("ids are compared without case", caughtBy: "never taken for known") {
            .init(DeduplicationID($0.id.text.lowercased()), $0.policy)
        },
        wishing("ids are known for ever", caughtBy: "when its window is over") {
            .init($0.id, DeduplicationPolicy(window: .seconds(86_400)))
        },
        wishing("one id too few is known", caughtBy: "as many as the bound says") {
            .init($0.id, DeduplicationPolicy(window: $0.policy.window, maximumIDs: $0.policy.maximumIDs - 1))
        },
        knowing("ids outlive their stream", caughtBy: "takes its ids with it") { known, entry in
            entry.deduplication.map { known.contains($0.id) } ?? false
        },
        settling("outputs are stored whatever their ids", caughtBy: "output with a known id once") {
            guard case .forward(let entries) = $0.action else { return $0 }
            return Settlement($0.receipt, .forward(entries.map { .init(stream: $0.stream, message: $0.message) }))
        },
    ]

    /// Changes by which id a message is stored once.
    private static func wishing(
        _ description: String, caughtBy: String,
        _ change: @escaping @Sendable (PublishBatch.Deduplication) -> PublishBatch.Deduplication?
    ) -> Sabotage {
        Sabotage(description, caughtBy: caughtBy) {
            $0.publishes = { batch, base in await base.publish(batch.changing(change)) }
        }
    }

    /// Says that a message was there already, and stores nothing, where a set of ids says so.
    private static func knowing(
        _ description: String, caughtBy: String,
        _ isKnown: @escaping @Sendable (Set<DeduplicationID>, PublishBatch.Entry) -> Bool
    ) -> Sabotage {
        Sabotage(description, caughtBy: caughtBy) {
            let ids = Mutex<Set<DeduplicationID>>([])
            $0.publishes = { batch, base in
                var results: [Result<PublishReceipt, BrokerError>] = []
                for entry in batch.entries {
                    let wasKnown = ids.withLock { ids in
                        defer { if let wish = entry.deduplication { ids.insert(wish.id) } }
                        return isKnown(ids, entry)
                    }
                    results +=
                        wasKnown ? [.success(.init(id: .zero, isDuplicate: true))] : await base.publish(.init([entry]))
                }
                return results
            }
        }
    }
}

extension PublishBatch {
    /// Returns the same batch with other ids.
    fileprivate func changing(_ change: (Deduplication) -> Deduplication?) -> PublishBatch {
        var batch = self
        for index in batch.entries.indices {
            batch.entries[index].deduplication = batch.entries[index].deduplication.flatMap(change)
        }
        return batch
    }
}
