// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

extension Sabotage {
    static let receiving: [Sabotage] = [
        asking("one without a wait is none", caughtBy: "a call that does not wait") {
            if $0.limit == 1, $0.wait == .zero { $0.limit = 0 }
        },
        answering("nothing expires", caughtBy: "does not hold up the rest") {
            $0.messages.removeAll { $0.origin == .expired }
        },
        answering("messages come in the opposite order", caughtBy: "in the order in which they were stored") {
            $0.messages.reverse()
        },
        asking("the limit is doubled", caughtBy: "no more than its limit") { $0.limit *= 2 },
        asking("a receive never waits", caughtBy: "waits as long as it was asked") { $0.wait = .zero },
        asking("a receive waits too long", caughtBy: "waits as long as it was asked") { $0.wait = $0.wait * 2 },
        sleeping("nobody wakes a receive when a message comes", caughtBy: "woken by a publish"),
        sleeping("nobody wakes a receive when a retry is due", caughtBy: "woken by a due retry"),
        Sabotage("a cancelled receive throws", caughtBy: "a cancelled receive returns") {
            $0.receives = { (request, subscription, _) async throws(BrokerError) in
                let received = try await subscription.receive(request)
                if Task.isCancelled { throw BrokerError(.timeout, "cancelled") }
                return received
            }
        },
        Sabotage("two suspects in one receive", caughtBy: "at most one suspect") {
            $0.receives = { (request, subscription, _) async throws(BrokerError) in
                var received = try await subscription.receive(request)
                let more = ReceiveRequest(limit: request.limit, wait: .zero, suspects: request.suspects)
                received.messages += try await subscription.receive(more).messages
                return received
            }
        },
        asking("a suspect although none was allowed", caughtBy: "at most one suspect") { $0.suspects = 1 },
        dropping("due retries are held back like suspects", caughtBy: "no suspect") { request, message in
            request.suspects == 0 && message.attempt > 2
        },
        dropping("all that expired is held back with the suspects", caughtBy: "hide what else") { request, message in
            request.suspects == 0 && message.origin == .expired
        },
        answering("a new holder starts at attempt 1", caughtBy: "kept across crashes") {
            for index in $0.messages.indices where $0.messages[index].origin == .expired {
                $0.messages[index].attempt = 1
            }
        },
        answering("entries are handed out twice", caughtBy: "taken over is leased to one consumer only") {
            $0.messages += $0.messages
        },
        answering("retries are handed out twice", caughtBy: "retry that is due is leased to one consumer only") {
            $0.messages += $0.messages.filter { $0.origin == .retry }
        },
        answering("tokens fall", caughtBy: "tokens rise") {
            for index in $0.messages.indices {
                $0.messages[index].receipt.token = 9 - UInt64($0.messages[index].attempt)
            }
        },
        answering("missing entries are reported twice", caughtBy: "reported once") { $0.missing += $0.missing },
        answering("missing entries are not reported", caughtBy: "reported once") { $0.missing = [] },
        Sabotage("every source is served without a quota", caughtBy: "at most a quarter") {
            $0.receives = { (request, subscription, _) async throws(BrokerError) in
                var received = Received()
                for _ in 0..<request.limit {
                    let one = ReceiveRequest(limit: 1, wait: .zero, suspects: request.suspects)
                    received.messages += try await subscription.receive(one).messages
                }
                return received
            }
        },
        dropping("only new messages are served", caughtBy: "take turns") { _, message in message.origin != .new },
        Sabotage("the quarter holds without competition", caughtBy: "what one source leaves") {
            let served = Tally()
            $0.receives = { (request, subscription, _) async throws(BrokerError) in
                var received = try await subscription.receive(request)
                received.messages.removeAll { $0.origin == .retry && !served.isEvery(4) }
                return received
            }
        },
        acknowledging("a message is gone once it was sent", caughtBy: "of a lost reply come back"),
        acknowledging("a message is gone once it was sent, under load", caughtBy: "a flaky connection"),
        acknowledging("what a closed subscription held is gone", caughtBy: "close all at once"),
        acknowledging("what consumers left is gone", caughtBy: "that come and go"),
        acknowledging("what failing consumers left is gone", caughtBy: "comes to a clean one"),
        acknowledging("what expired is gone", caughtBy: "not before its time and not late"),
    ]

    /// Looks at the beginning and at the end of the wait, and not between.
    private static func sleeping(_ description: String, caughtBy: String) -> Sabotage {
        Sabotage(description, caughtBy: caughtBy) {
            $0.receives = { (request, subscription, clock) async throws(BrokerError) in
                let now = ReceiveRequest(limit: request.limit, wait: .zero, suspects: request.suspects)
                let received = try await subscription.receive(now)
                if !received.messages.isEmpty { return received }
                await clock.sleep(until: clock.now + request.wait)
                return try await subscription.receive(now)
            }
        }
    }

    private static func dropping(
        _ description: String, caughtBy: String,
        _ isDropped: @escaping @Sendable (ReceiveRequest, InboundMessage) -> Bool
    ) -> Sabotage {
        Sabotage(description, caughtBy: caughtBy) {
            $0.receives = { (request, subscription, _) async throws(BrokerError) in
                var received = try await subscription.receive(request)
                received.messages.removeAll { isDropped(request, $0) }
                return received
            }
        }
    }

    /// Acknowledges when it hands out, as a broker without redelivery does.
    private static func acknowledging(_ description: String, caughtBy: String) -> Sabotage {
        Sabotage(description, caughtBy: caughtBy) {
            $0.receives = { (request, subscription, _) async throws(BrokerError) in
                let received = try await subscription.receive(request)
                _ = try await subscription.settle(received.messages.map { Settlement($0.receipt, .ack) })
                return received
            }
        }
    }
}
