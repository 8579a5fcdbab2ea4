// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// What handlers notice when the provider beneath the engine breaks a promise.
extension Sabotage {
    static let handling: [Sabotage] = [
        retrying("failed handlers are tried again early", caughtBy: "as often as the policy says") {
            .retry(after: $0 / 2)
        },
        Sabotage.settling("rejected messages vanish", caughtBy: "a rejected message") {
            if case .deadLetter = $0.action { Settlement($0.receipt, .ack) } else { $0 }
        },
        Sabotage("messages come one by one", caughtBy: "ordering: none") {
            $0.receives = { (request, subscription, clock) async throws(BrokerError) in
                let received = try await subscription.receive(ReceiveRequest(limit: 1, wait: request.wait))
                if !received.messages.isEmpty { await clock.sleep(until: clock.now + .seconds(10)) }
                return received
            }
        },
        answering("messages of a key come in the opposite order", caughtBy: "ordering: key") { $0.messages.reverse() },
        answering("messages of a stream change their order", caughtBy: "ordering: stream") { $0.messages.reverse() },
        retrying("what was cancelled is not tried again", caughtBy: "takes too long is cancelled and") { _ in .ack },
        Sabotage.settling("acks of handlers are dropped", caughtBy: "reply is lost are sent again") {
            if case .ack = $0.action { nil } else { $0 }
        },
        unextended("leases of running handlers are not extended", caughtBy: "three visibility timeouts"),
        unextended("leases of waiting messages are not extended", caughtBy: "wait behind slow handlers"),
        subscribing("leases never expire", caughtBy: "whose lease is lost is cancelled") {
            $0.visibility = $0.visibility * 100
        },
        Sabotage("suspects come in crowds", caughtBy: "kills its consumers") {
            $0.receives = { (request, subscription, _) async throws(BrokerError) in
                var received = try await subscription.receive(request)
                while received.messages.count < request.limit {
                    let rest = request.limit - received.messages.count
                    let more = try await subscription.receive(ReceiveRequest(limit: rest, wait: .zero)).messages
                    if more.isEmpty { break }
                    received.messages += more
                }
                return received
            }
        },
        releasing("what a drain hands back has counted", caughtBy: "hands back what has not begun") {
            .retry(after: $0)
        },
        releasing("what a drain cancels has counted", caughtBy: "refunds their attempt") { .retry(after: $0) },
    ]

    private static func unextended(_ description: String, caughtBy: String) -> Sabotage {
        Sabotage(description, caughtBy: caughtBy) {
            $0.extends = { (receipts, _) async throws(BrokerError) in receipts.map { _ in .done } }
        }
    }
}
