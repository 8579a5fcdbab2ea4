// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore
import Logging
import RedisWire
import Synchronization

/// The streams of a pattern: those that our publishers put into the set of streams, and those that other programs made.
extension RedisSubscription {
    /// How often the set is read: often enough that a new stream is read within a second.
    static let discoveryInterval = Duration.milliseconds(800)

    private static let pagesAtOnce = 16

    /// Joins the first groups.
    func begin(_ start: StartPosition) async throws(BrokerError) {
        switch selection {
        case .stream(let stream):
            try await join([stream], from: start.onServer)
        case .pattern:
            try await provider.takeOverFormerSet(to: action)
            try await joinNewcomers(try await listed() + scanned(pages: .max), from: start.onServer)
        }
    }

    /// Joins the groups of new streams. They begin with the first entry, so that nothing is missed.
    func discover() async throws(BrokerError) {
        guard case .pattern = selection else { return }
        let now = clock.now
        let (isDue, isScanDue) = state.withLock { state in
            guard now >= state.nextDiscovery else { return (false, false) }
            state.nextDiscovery = now + Self.discoveryInterval
            let isScanDue = state.scanPosition != .start || now >= state.nextScan
            if isScanDue { state.nextScan = now + member.expiryCheckInterval }
            return (true, isScanDue)
        }
        guard isDue else { return }
        if isScanDue { try await provider.takeOverFormerSet(to: action) }
        let found = try await listed() + (isScanDue ? scanned(pages: Self.pagesAtOnce) : [])
        try await joinNewcomers(found + returned(), from: "0")
    }

    /// Puts back into the set the streams that were taken out and exist again; returns their keys.
    private func returned() async throws(BrokerError) -> [String] {
        let now = clock.now
        let due = state.withLock { $0.removedStreams.due(at: now) }
        if due.isEmpty { return [] }
        let streams = try await provider.putBack(due, to: action)
        state.withLock { $0.removedStreams.forget(due) }
        return streams.map(provider.keys.key(of:))
    }

    /// Returns those of the streams that exist. The memberships in the others end, their groups' keys are removed, and
    /// they leave the set.
    func withoutVanished(_ streams: [StreamName]) async throws(BrokerError) -> [StreamName] {
        guard case .pattern = selection, !streams.isEmpty else { return streams }
        let vanished = try await vanished(among: absent(among: streams))
        if vanished.isEmpty { return streams }
        state.withLock { $0.leave(vanished) }
        // Even if the call fails: the server may have carried it out.
        defer { noteRemoval(of: vanished) }
        try await provider.removeFromSet(vanished, to: action)
        return streams.filter { !vanished.contains($0) }
    }

    /// Returns the streams that do not exist. A cluster can tell also while it moves a slot.
    private func absent(among streams: [StreamName]) async throws(BrokerError) -> [StreamName] {
        let replies = try await provider.ask(provider.existenceQueries(streams), to: action)
        return zip(streams, replies).filter { $1.integer == 0 }.map(\.0)
    }

    /// Removes the keys of the groups of streams that do not exist. Returns the streams that still do not.
    private func vanished(among streams: [StreamName]) async throws(BrokerError) -> Set<StreamName> {
        if streams.isEmpty { return [] }
        var calls = ScriptCalls()
        for stream in streams {
            calls.addVanish(Membership(stream, group: member.group, keys: provider.keys, epoch: 0))
        }
        let replies = try await provider.ask(calls, to: action)
        return Set(zip(streams, replies).filter { $1.integer == 1 }.map(\.0))
    }

    private func noteRemoval(of streams: Set<StreamName>) {
        let now = clock.now
        state.withLock { $0.removedStreams.note(streams, at: now) }
    }

    private func joinNewcomers(_ keys: [String], from begin: String) async throws(BrokerError) {
        let streams = state.withLock { state in
            Set(keys.compactMap(provider.keys.stream(at:)).filter { state.memberships.position(of: $0) == nil })
        }
        let existing = try await withoutVanished(streams.filter(selection.matches).sorted())
        try await join(existing, from: begin)
    }

    /// The keys in the set.
    private func listed() async throws(BrokerError) -> [String] {
        let reply = try await provider.streamSet(to: action)
        if let error = reply.error { throw BrokerError(error, action) }
        return texts(reply.keys)
    }

    /// The keys of matching streams in the next pages of all keys. Where the server forbids the scan, only the set
    /// counts.
    private func scanned(pages: Int) async throws(BrokerError) -> [String] {
        guard case .pattern(let pattern) = selection else { return [] }
        var found: [String] = []
        for _ in 0..<pages {
            let position = state.withLock { $0.scanPosition }
            let (page, next) = try await provider.streamScan(pattern, from: position, to: action)
            found += page?.elements[1].map { streams($0.elements) } ?? []
            state.withLock { $0.scanPosition = next }
            if next == .start { break }
        }
        return found
    }
}

/// Keys that match a pattern and cannot be streams of ours.
extension RedisSubscription {
    /// How many of them are logged at most.
    private static let mostLogged = 100

    /// The keys of a reply that are text.
    private func texts(_ keys: some Sequence<RedisReply>) -> [String] {
        keys.compactMap { reply in
            guard let key = reply.string else { return nil }
            // Bytes that are not UTF-8 were replaced, so the text names another key.
            let isText = !key.unicodeScalars.contains("\u{FFFD}") || reply.bytes == Array(key.utf8)
            if !isText { passOver(key, "its name is not UTF-8") }
            return isText ? key : nil
        }
    }

    /// The keys of a reply that may be streams of a pattern. Keys of the framework begin with `~`.
    private func streams(_ keys: RedisReplies) -> [String] {
        texts(keys).filter { key in
            guard let stream = provider.keys.stream(at: key), stream.isReserved else { return true }
            if stream.text.hasPrefix("~") { return true }
            passOver(key, "'~' in its name is reserved")
            return false
        }
    }

    private func passOver(_ key: String, _ reason: String) {
        let isNew = state.withLock { $0.passedOver.count < Self.mostLogged && $0.passedOver.insert(key).inserted }
        guard isNew else { return }
        logger.warning(
            "A stream matches and is passed over", metadata: [LoggingKeys.key: "\(key)", "broker.reason": "\(reason)"])
    }
}

/// Streams that were taken out of the set of streams because they no longer existed, as a pure value.
///
/// A publisher remembers for a while that it has put a stream into the set. Until it forgets, it does not put the
/// stream there again, even if its next message makes the stream again. So the consumer that took the stream out checks
/// once more, when every publisher has forgotten.
package struct RemovedStreams: Sendable {
    /// A publisher puts its streams into the set again every ``PublishTargets/interval``. A message that it sent before
    /// may take a while to arrive.
    package static let patience = PublishTargets.interval + .seconds(1)

    private var times: [StreamName: Instant] = [:]

    package init() {}

    /// Notes streams that have been taken out.
    package mutating func note(_ streams: Set<StreamName>, at now: Instant) {
        for stream in streams { times[stream] = now }
    }

    /// The streams to check once more.
    package func due(at now: Instant) -> Set<StreamName> {
        Set(times.filter { now - $0.value >= Self.patience }.keys)
    }

    /// Forgets streams that have been checked.
    package mutating func forget(_ streams: Set<StreamName>) {
        for stream in streams { times[stream] = nil }
    }
}
