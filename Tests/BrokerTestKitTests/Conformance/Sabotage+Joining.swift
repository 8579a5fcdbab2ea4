// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Synchronization

extension Sabotage {
    static let joining: [Sabotage] = [
        subscribing("every consumer is a group of its own", caughtBy: "share its messages", separate),
        subscribing("groups made at once are several", caughtBy: "by many at once", separate),
        subscribing("a name that comes back is a new group", caughtBy: "can join again") {
            let number = joins.withLock { joins in
                joins += 1
                return joins
            }
            $0.group = GroupName("\($0.group)\(number)")
        },
        subscribing("all groups are one", caughtBy: "each group receives every") { $0.group = "all" },
        subscribing("dead letters of groups are one", caughtBy: "each group writes its own") { $0.group = "all" },
        subscribing("leases are short", caughtBy: "while its lease lasts") { $0.visibility = $0.visibility / 2 },
        subscribing("leases of closed subscriptions are short", caughtBy: "closing a subscription leaves") {
            $0.visibility = $0.visibility / 2
        },
        subscribing("leases are short, so takeovers early", caughtBy: "not before its time") {
            $0.visibility = $0.visibility / 2
        },
        subscribing("leases are long, so takeovers late", caughtBy: "not before its time") {
            $0.visibility = $0.visibility * 2
        },
        subscribing("groups always begin at latest", caughtBy: "before a group exists") { $0.start = .latest },
        subscribing("new groups begin at latest", caughtBy: "a new group receives old") { $0.start = .latest },
        subscribing("groups always begin at earliest", caughtBy: "a group at latest") { $0.start = .earliest },
        subscribing("an id to start behind is ignored", caughtBy: "a group behind an id") { $0.start = .earliest },
        subscribing("the entry of the id is delivered too", caughtBy: "a group behind an id") {
            guard case .after(let id) = $0.start, id.sequence > 0 else { return }
            $0.start = .after(MessageID(milliseconds: id.milliseconds, sequence: id.sequence - 1))
        },
        subscribing("a time to start at is ignored", caughtBy: "a group at a time") { $0.start = .earliest },
        Sabotage("a group that handles messages stays new", caughtBy: "new until it is confirmed") {
            $0.forgetsConfirmations = true
        },
        Sabotage("a pattern's group is always new", caughtBy: "new only in all its streams") {
            $0.judges = { selection, isNew in if case .pattern = selection { true } else { isNew } }
        },
        subscribing("every subscription begins anew", caughtBy: "changes nothing for a group", separate),
        subscribing("patterns are too wide", caughtBy: "a pattern consumes") {
            guard case .pattern(let pattern) = $0.selection else { return }
            $0.selection = .pattern(StreamPattern(pattern.text.replacing(".", with: "")))
        },
        subscribing("dead letters go where they always went", caughtBy: "to the configured stream") {
            $0.deadLetter = DeadLetterPolicy()
        },
        fieldLost("sb-consumer"), fieldLost("sb-origin-id"), fieldLost("sb-failed-at"), fieldLost("trace"),
        settling("dead letters are counted wrong", caughtBy: "the whole message") {
            guard case .deadLetter(let note) = $0.action else { return $0 }
            let wrong = DeadLetterNote(reason: note.reason, error: note.error, attempts: note.attempts + 1)
            return Settlement($0.receipt, .deadLetter(wrong))
        },
    ]

    private static let joins = Mutex(0)

    @Sendable private static func separate(_ request: inout SubscriptionRequest) {
        request.group = GroupName("\(request.group)-\(request.consumer)")
    }

    private static func fieldLost(_ name: String) -> Sabotage {
        answering("dead letters lose \(name)", caughtBy: "the whole message") { received in
            for index in received.messages.indices where received.messages[index].receipt.stream.text.hasSuffix(":dead")
            {
                received.messages[index].message.headers[name] = nil
            }
        }
    }
}
