// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Synchronization

extension Sabotage {
    static let settling: [Sabotage] = [
        settling("acks are dropped", caughtBy: "until it is acknowledged") {
            if case .ack = $0.action { nil } else { $0 }
        },
        retrying("a retry is an ack", caughtBy: "until it is acknowledged") { _ in .ack },
        retrying("a retry does not count", caughtBy: "until it is acknowledged") { .release(after: $0) },
        retrying("a retry does not count for others", caughtBy: "comes to whoever") { .release(after: $0) },
        retrying("retries come early", caughtBy: "a retry comes when") { .retry(after: $0 / 2) },
        retrying("retries come late", caughtBy: "a retry comes when") { .retry(after: $0 + .seconds(1)) },
        Sabotage.settling("retries of one moment come in no order", caughtBy: "keep the order of the stream") {
            guard case .retry(let delay) = $0.action else { return $0 }
            return Settlement($0.receipt, .retry(after: delay - .milliseconds(Int64($0.receipt.id.sequence))))
        },
        releasing("a release counts", caughtBy: "a release does not count") { .retry(after: $0) },
        releasing("releases come early", caughtBy: "a release comes when") { .release(after: $0 / 2) },
        releasing("releases come late", caughtBy: "a release comes when") { .release(after: $0 + .seconds(1)) },
        Sabotage.settling("a renewal gives the lease up", caughtBy: "renewing counts") {
            if case .renew = $0.action { Settlement($0.receipt, .retry(after: .zero)) } else { $0 }
        },
        Sabotage.settling("retries of one group are another's acks", caughtBy: "groups are independent") { _ in nil },
        Sabotage("extensions are answered and not carried out", caughtBy: "extending keeps leases") {
            $0.extends = { (receipts, _) async throws(BrokerError) in receipts.map { _ in .done } }
        },
        Sabotage("extensions count", caughtBy: "extending keeps leases") {
            $0.extends = { (receipts, subscription) async throws(BrokerError) in
                try await subscription.settle(receipts.map { Settlement($0, .renew) })
            }
        },
        Sabotage("whatever is gone is said to be leased again", caughtBy: "a former holder has acknowledged") {
            $0.restores = { (receipts, _) async throws(BrokerError) in receipts.map { .renewed($0) } }
        },
        Sabotage("a cancelled task cannot extend", caughtBy: "although the connection was lost") {
            $0.extends = { (receipts, subscription) async throws(BrokerError) in
                if Task.isCancelled { throw BrokerError(.timeout, "cancelled") }
                return try await subscription.extend(receipts)
            }
        },
        Sabotage("a cancelled task cannot settle", caughtBy: "settling runs to its end in a cancelled task") {
            $0.settles = { (settlements, subscription) async throws(BrokerError) in
                if Task.isCancelled { throw BrokerError(.timeout, "cancelled") }
                return try await subscription.settle(settlements)
            }
        },
        Sabotage("what was given up is lost", caughtBy: "a lease that was given up") {
            $0.settles = { (settlements, subscription) async throws(BrokerError) in
                try await subscription.settle(settlements).map { if case .settled = $0 { .lost } else { $0 } }
            }
        },
        Sabotage("outcomes come in the opposite order", caughtBy: "one outcome for each") {
            $0.settles = { (settlements, subscription) async throws(BrokerError) in
                try await subscription.settle(settlements).reversed()
            }
        },
        answeringDone("a repetition is done again", caughtBy: "that is repeated"),
        answeringDone("a repeated retry is done again", caughtBy: "a repeated retry"),
        unfenced("stale receipts count as current ones", caughtBy: "a lost lease can no longer") { action in
            if case .ack = action { false } else { true }
        },
        unfenced("an ack counts in every epoch", caughtBy: "an ack of another epoch") { _ in true },
        fencedAck,
        Sabotage.settling("dead letters stay in their group", caughtBy: "leaves its group at once") {
            if case .deadLetter = $0.action { nil } else { $0 }
        },
        Sabotage("the id of a dead letter is that of its message", caughtBy: "the id that is told of a dead letter") {
            $0.settles = { (settlements, subscription) async throws(BrokerError) in
                zip(settlements, try await subscription.settle(settlements)).map { settlement, outcome in
                    if case .deadLettered = outcome { .deadLettered(settlement.receipt.id) } else { outcome }
                }
            }
        },
        Sabotage.settling("every dead letter tells the first cause", caughtBy: "given back and given up again") {
            guard case .deadLetter(var note) = $0.action else { return $0 }
            note.error = "no"
            return Settlement($0.receipt, .deadLetter(note))
        },
        Sabotage.settling("forwarded messages change their order", caughtBy: "forwarding stores its messages") {
            guard case .forward(let entries) = $0.action else { return $0 }
            return Settlement($0.receipt, .forward(entries.reversed()))
        },
        Sabotage.settling("forwarded messages all go to the first stream", caughtBy: "each message in its own") {
            guard case .forward(let entries) = $0.action, let first = entries.first else { return $0 }
            return Settlement($0.receipt, .forward(entries.map(\.message), to: first.stream))
        },
        Sabotage.settling("forwarding nothing does nothing", caughtBy: "forwarding nothing is an ack") {
            if case .forward = $0.action { nil } else { $0 }
        },
        Sabotage("settlements reach the first stream only", caughtBy: "settled each in its stream") {
            $0.settles = { (settlements, subscription) async throws(BrokerError) in
                let stream = settlements[0].receipt.stream
                var misled = settlements
                for index in misled.indices { misled[index].receipt.stream = stream }
                return try await subscription.settle(misled)
            }
        },
    ]

    static func retrying(
        _ description: String, caughtBy: String, _ change: @escaping @Sendable (Duration) -> Settlement.Action
    ) -> Sabotage {
        settling(description, caughtBy: caughtBy) {
            if case .retry(let delay) = $0.action { Settlement($0.receipt, change(delay)) } else { $0 }
        }
    }

    static func releasing(
        _ description: String, caughtBy: String, _ change: @escaping @Sendable (Duration) -> Settlement.Action
    ) -> Sabotage {
        settling(description, caughtBy: caughtBy) {
            if case .release(let delay) = $0.action { Settlement($0.receipt, change(delay)) } else { $0 }
        }
    }

    private static func answeringDone(_ description: String, caughtBy: String) -> Sabotage {
        Sabotage(description, caughtBy: caughtBy) {
            $0.settles = { (settlements, subscription) async throws(BrokerError) in
                try await subscription.settle(settlements).map { if case .settled = $0 { .done } else { $0 } }
            }
        }
    }

    /// Carries a settlement out under the newest lease of its entry, whoever sends it.
    private static func unfenced(
        _ description: String, caughtBy: String, _ applies: @escaping @Sendable (Settlement.Action) -> Bool
    ) -> Sabotage {
        Sabotage(description, caughtBy: caughtBy) {
            let leases = NewestLeases()
            $0.receives = { (request, subscription, _) async throws(BrokerError) in
                let received = try await subscription.receive(request)
                leases.note(received.messages, of: subscription)
                return received
            }
            $0.settles = { (settlements, subscription) async throws(BrokerError) in
                var outcomes: [SettlementOutcome] = []
                for settlement in settlements {
                    let newest = applies(settlement.action) ? leases.newest(settlement.receipt) : nil
                    let (receipt, holder) = newest ?? (settlement.receipt, subscription)
                    outcomes += try await holder.settle([Settlement(receipt, settlement.action)])
                }
                return outcomes
            }
        }
    }

    private static let fencedAck = Sabotage("a late ack is refused", caughtBy: "an ack is taken from whoever") {
        let leases = NewestLeases()
        $0.receives = { (request, subscription, _) async throws(BrokerError) in
            let received = try await subscription.receive(request)
            leases.note(received.messages, of: subscription)
            return received
        }
        $0.settles = { (settlements, subscription) async throws(BrokerError) in
            if let newest = leases.newest(settlements[0].receipt), newest.0 != settlements[0].receipt { return [.lost] }
            return try await subscription.settle(settlements)
        }
    }
}

/// Who was given each entry last.
final class NewestLeases: Sendable {
    private let leases = Mutex<[MessageID: (Receipt, any BrokerSubscription)]>([:])

    func note(_ messages: [InboundMessage], of subscription: any BrokerSubscription) {
        leases.withLock { leases in
            for message in messages { leases[message.receipt.id] = (message.receipt, subscription) }
        }
    }

    func newest(_ receipt: Receipt) -> (Receipt, any BrokerSubscription)? {
        leases.withLock { $0[receipt.id] }
    }
}
