// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import StreamBroker
import Synchronization

/// Counts by conversation what the audience heard, and by group what was settled.
///
/// A conversation is known by its correlation id, which begins with its inquiry and goes along by itself. So on a server
/// that keeps its streams only this run's conversations are counted.
final class Ledger: BrokerObserver {
    struct Row: Sendable {
        var forwarded = 0
        var handled = 0
        var retried = 0
    }

    struct Counts: Sendable {
        fileprivate(set) var conversations: Set<String> = []
        fileprivate(set) var escalated = 0
        fileprivate(set) var rows: [String: Row] = [:]
        /// By group and conversation the entries that were heard: one that is handled again is the same entry.
        fileprivate var heard: [GroupName: [String: Set<MessageID>]] = [:]
        /// How many answers the groups have still to hear of; `nil` until it is known what was asked.
        fileprivate var awaited: Int?
    }

    private let counts = Mutex(Counts())
    private let complete: @Sendable () -> Void

    /// Calls `complete` once every group of the audience has heard of every conversation.
    init(complete: @escaping @Sendable () -> Void) {
        self.complete = complete
    }

    var current: Counts { counts.withLock { $0 } }

    /// Says which conversations have begun, before any of them is handled.
    func began(_ conversations: Set<String>) {
        change { counts in
            counts.conversations = conversations
            counts.awaited = conversations.count * Stage.audience.count
        }
    }

    /// Notes an answer that a group of the audience heard.
    func heard(_ answer: Answer, of conversation: String?, as id: MessageID, in group: GroupName) {
        guard let conversation else { return }
        change { counts in
            guard counts.conversations.contains(conversation) else { return }
            let isFirst = counts.heard[group]?[conversation] == nil
            counts.heard[group, default: [:]][conversation, default: []].insert(id)
            guard isFirst else { return }
            counts.awaited? -= 1
            if group == Stage.audience[0], answer.isEscalated { counts.escalated += 1 }
        }
    }

    func observe(_ event: BrokerEvent) {
        guard case .settled(let event) = event else { return }
        change { counts in
            for entry in event.entries where entry.outcome == .done {
                counts.rows["\(event.consumer.selection)/\(event.consumer.group)", default: Row()].count(entry.kind)
            }
        }
    }

    private func change(_ body: (inout Counts) -> Void) {
        let isComplete = counts.withLock { counts in
            body(&counts)
            return counts.isComplete
        }
        if isComplete { complete() }
    }
}

extension Ledger.Counts {
    /// Whether every group of the audience has heard of every conversation.
    var isComplete: Bool { awaited == 0 }

    /// How many conversations were answered.
    var answered: Int { answers.count }

    /// How many answers there were beyond one for each conversation.
    var doubled: Int { answers.values.reduce(0) { $0 + $1.count - 1 } }

    /// How many conversations were not answered.
    var lost: Int { conversations.count - answered }

    private var answers: [String: Set<MessageID>] { heard[Stage.audience[0]] ?? [:] }
}

extension Ledger.Row {
    fileprivate mutating func count(_ kind: SettledEvent.Kind) {
        switch kind {
        case .forward: forwarded += 1
        case .ack: handled += 1
        case .retry: retried += 1
        case .release, .deadLetter, .discard: return
        }
    }
}
