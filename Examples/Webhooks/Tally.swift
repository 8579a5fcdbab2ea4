// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import ExampleSupport
import StreamBroker

/// What is known of a run. A pure value: what happens is told to it, with the time where time matters.
struct Tally: Sendable {
    /// What became of the webhooks of one kind, or of one repository.
    struct Row: Sendable {
        var published = 0
        var handled = 0
        var bytes = 0
        var keys: Set<String> = []
        var actions: [String: Int] = [:]
    }

    /// What a handler found in a webhook; it counts once the webhook is acknowledged.
    struct Finding: Sendable {
        var event: String
        var key: String?
        var action: String?
        var bytes: Int
    }

    private struct Place: Hashable, Sendable {
        let stream: StreamName
        let id: MessageID
    }

    let group: GroupName
    private(set) var kinds: [String: Row] = [:]
    private(set) var repositories: [String: Row] = [:]
    private(set) var published = 0
    private(set) var retried = 0
    private(set) var deadLettered = 0
    private(set) var ofEarlierRuns = 0
    private(set) var badLines = 0
    private var awaited = Awaited()
    private var order = OrderWatch()
    private var findings: [Place: Finding] = [:]
    private var began: ContinuousClock.Instant?
    private var allPublished: ContinuousClock.Instant?
    private var lastSettled: ContinuousClock.Instant?

    init(group: GroupName) {
        self.group = group
    }

    var handled: Int { kinds.values.reduce(0) { $0 + $1.handled } }
    var bytes: Int { kinds.values.reduce(0) { $0 + $1.bytes } }
    var lost: Int { published - handled - deadLettered }
    var orderViolations: Int { order.violations }
    var isComplete: Bool { allPublished != nil && awaited.isEmpty }

    /// How long reading and publishing took; zero when it has not ended.
    var publishing: Duration { duration(began, allPublished) }
    /// How long it took from there until the last webhook was settled.
    var handling: Duration { duration(allPublished, lastSettled) }

    private func duration(_ start: ContinuousClock.Instant?, _ end: ContinuousClock.Instant?) -> Duration {
        guard let start, let end else { return .zero }
        return end - start
    }
}

/// Publishing.
extension Tally {
    mutating func begin(at now: ContinuousClock.Instant) { began = now }

    mutating func end(at now: ContinuousClock.Instant) { allPublished = now }

    mutating func countBadLine() { badLines += 1 }

    mutating func add(_ ids: [MessageID], to stream: StreamName) {
        published += ids.count
        kinds[Webhook.kind(of: stream), default: Row()].published += ids.count
        awaited.add(ids, to: stream, for: [group])
    }
}

/// Handling.
extension Tally {
    mutating func beginHandling(_ id: MessageID, of stream: StreamName, key: String?) {
        guard let key, awaited.contains(id, of: stream, in: group) else { return }
        order.begin(id, of: stream, key: key)
    }

    mutating func endHandling(_ id: MessageID, of stream: StreamName, key: String?) {
        guard let key else { return }
        order.end(id, of: stream, key: key)
    }

    mutating func find(_ finding: Finding, in id: MessageID, of stream: StreamName) {
        guard awaited.contains(id, of: stream, in: group) else { return }
        findings[Place(stream: stream, id: id)] = finding
    }
}

/// Settling.
extension Tally {
    mutating func note(_ entry: SettledEvent.Entry, at now: ContinuousClock.Instant) {
        let (id, stream) = (entry.receipt.id, entry.receipt.stream)
        guard awaited.contains(id, of: stream, in: group) else {
            if entry.isFinal { ofEarlierRuns += 1 }
            return
        }
        if entry.isCarriedOut { count(entry.kind, Place(stream: stream, id: id)) }
        if entry.isFinal { remove(id, of: stream, at: now) }
    }

    /// A webhook is settled, or gone from its stream.
    mutating func remove(_ id: MessageID, of stream: StreamName, at now: ContinuousClock.Instant) {
        awaited.remove(id, of: stream, in: group)
        findings[Place(stream: stream, id: id)] = nil
        lastSettled = now
    }

    private mutating func count(_ kind: SettledEvent.Kind, _ place: Place) {
        switch kind {
        case .ack: count(findings[place])
        case .retry: retried += 1
        case .deadLetter: deadLettered += 1
        case .release, .discard, .forward: return
        }
    }

    private mutating func count(_ finding: Finding?) {
        guard let finding else { return }
        kinds[finding.event, default: Row()].count(finding)
        repositories[finding.key ?? "(none)", default: Row()].count(finding)
    }
}

extension Tally.Row {
    fileprivate mutating func count(_ finding: Tally.Finding) {
        handled += 1
        bytes += finding.bytes
        if let key = finding.key { keys.insert(key) }
        if let action = finding.action { actions[action, default: 0] += 1 }
    }
}
