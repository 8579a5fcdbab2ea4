// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Synchronization

extension Sabotage {
    static let publishing: [Sabotage] = [
        losing("one publish in ten is confirmed and lost", caughtBy: "closing right after parallel"),
        losing("one publish in ten is confirmed and lost, at a cut", caughtBy: "cut at a third and at half"),
        Sabotage("results come in the opposite order", caughtBy: "one result for each") {
            $0.publishes = { batch, base in await base.publish(batch).reversed() }
        },
        Sabotage("a cancelled task cannot publish", caughtBy: "although the connection was lost") {
            $0.publishes = { batch, base in
                if Task.isCancelled { return batch.entries.map { _ in .failure(BrokerError(.cancelled, "cancelled")) } }
                return await base.publish(batch)
            }
        },
        merging("every message goes to one stream", caughtBy: "two streams do not mix"),
        merging("every message goes to one stream, under load", caughtBy: "many streams under load"),
        Sabotage("closing does nothing", caughtBy: "a closed provider refuses") { $0.ignoresClose = true },
        Sabotage("run does not end", caughtBy: "ends with close") { $0.ignoresClose = true },
        Sabotage("closing a subscription leaves its receive waiting", caughtBy: "closing a subscription ends") {
            $0.ignoresClose = true
        },
        Sabotage("health does not notice the end", caughtBy: "that works is ready") { $0.ignoresClose = true },
        storing("payloads are cut at 64 KiB", caughtBy: "byte-exact") {
            $0.payload = Payload(Array($0.payload.bytes.prefix(65_536)))
        },
        storing("payloads pass through text", caughtBy: "byte-exact") { $0.payload = Payload($0.payload.string) },
        storing("an absent payload becomes an empty one", caughtBy: "not an absent one") { $0.hasPayload = true },
        storing("headers are sorted", caughtBy: "headers keep their order") {
            $0.headers = Headers($0.headers.sorted { $0.name < $1.name })
        },
        storing("repeated headers are lost", caughtBy: "headers keep their order") {
            var seen: Set<String> = []
            $0.headers = Headers($0.headers.filter { seen.insert($0.name).inserted })
        },
        storing("header values pass through text", caughtBy: "headers keep their order") {
            $0.headers = Headers($0.headers.map { .init(name: $0.name, value: Payload($0.value.string)) })
        },
        storing("keys are lost", caughtBy: "ordering keys arrive") { $0.key = nil },
    ]

    private static func losing(_ description: String, caughtBy: String) -> Sabotage {
        Sabotage(description, caughtBy: caughtBy) {
            let count = Tally()
            $0.publishes = { batch, base in
                guard count.isEvery(10) else { return await base.publish(batch) }
                let results = await base.publish(PublishBatch(Array(batch.entries.dropLast())))
                return results + [.success(PublishReceipt(id: MessageID(milliseconds: 9, sequence: 9)))]
            }
        }
    }

    private static func merging(_ description: String, caughtBy: String) -> Sabotage {
        Sabotage(description, caughtBy: caughtBy) {
            let first = Mutex<StreamName?>(nil)
            $0.publishes = { batch, base in
                let stream = first.withLock { first in
                    first = first ?? batch.entries[0].stream
                    return first ?? ""
                }
                return await base.publish(
                    PublishBatch(batch.entries.map { .init(stream: stream, message: $0.message) }))
            }
        }
    }
}

/// Counts calls.
final class Tally: Sendable {
    private let count = Mutex(0)

    /// Counts one, and returns whether it is the `number`th, twice the `number`th and so on.
    func isEvery(_ number: Int) -> Bool {
        count.withLock { count in
            count += 1
            return count % number == 0
        }
    }
}
