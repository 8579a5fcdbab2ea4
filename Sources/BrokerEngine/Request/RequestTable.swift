// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// The callers that wait for replies. A pure value.
package struct RequestTable: Sendable {
    /// The largest number of callers that wait; further requests are refused.
    package static let maximumWaiting = 10_000

    /// Where the inbox of replies is in its life.
    package enum Phase: Sendable {
        /// There was no request yet. Goes to called, or to ended.
        case idle
        /// There was a request, and the registry does not run yet. Goes to joining, or to ended.
        case called
        /// The stream of replies is being opened. Goes to open, or to ended.
        case joining
        /// Replies can arrive. Goes to ended.
        case open
        /// No further reply will be read.
        case ended
    }

    /// Where one request is.
    package enum Standing: Sendable {
        /// The stream of replies is not open yet; the request must not be published.
        case early
        /// The request may be published, and has no reply.
        case waiting
        /// The reply is there; the request has left the table.
        case replied(Message)
        /// There will be no reply; the request has left the table.
        case ended
    }

    private struct Entry: Sendable {
        let number: UInt64
        let signal: WakeSignal
        var reply: Message?
    }

    package private(set) var phase = Phase.idle
    /// Why the last attempt to open or read the stream of replies failed.
    package var obstacle: BrokerError?
    private var entries: [String: Entry] = [:]
    private var lastNumber: UInt64 = 0

    package init() {}

    /// How many callers wait.
    package var count: Int { entries.count }

    /// Adds a caller under a new number; its signal is raised whenever it has to look again.
    ///
    /// Returns the request's id, and whether it is the first, for which the stream of replies has to be opened; `nil`
    /// when the table is full.
    package mutating func begin(_ signal: WakeSignal, as name: (UInt64) -> String) -> (id: String, isFirst: Bool)? {
        guard entries.count < Self.maximumWaiting else { return nil }
        lastNumber += 1
        let id = name(lastNumber)
        entries[id] = Entry(number: lastNumber, signal: signal)
        let isFirst = phase == .idle
        if isFirst { phase = .called }
        return (id, isFirst)
    }

    /// Records that the registry runs, and that the stream of replies is being opened.
    package mutating func join() {
        if phase == .called { phase = .joining }
    }

    /// Records that the stream of replies is open; returns the signals to raise.
    package mutating func open() -> [WakeSignal] {
        guard phase == .joining else { return [] }
        phase = .open
        obstacle = nil
        return signals
    }

    /// Adds a reply; returns the signal to raise, or `nil` when no caller waits for it: it came late, twice, or for a
    /// caller that gave up.
    package mutating func reply(to id: String, with message: Message) -> WakeSignal? {
        guard let entry = entries[id], entry.reply == nil else { return nil }
        entries[id]?.reply = message
        return entry.signal
    }

    /// Returns where a request is. A request that is over leaves the table, and so does one that looks for the last
    /// time.
    package mutating func look(_ id: String, isLast: Bool = false) -> Standing {
        let reply = entries[id]?.reply
        if isLast || reply != nil || phase == .ended { entries[id] = nil }
        if let reply { return .replied(reply) }
        switch phase {
        case .idle, .called, .joining: return .early
        case .open: return .waiting
        case .ended: return .ended
        }
    }

    /// Removes a caller that gives up; returns whether a reply was there, which is dropped.
    package mutating func withdraw(_ id: String) -> Bool {
        entries.removeValue(forKey: id)?.reply != nil
    }

    /// Records that no further reply will be read; returns the signals to raise.
    package mutating func end() -> [WakeSignal] {
        phase = .ended
        return signals
    }

    /// The signals of all callers, in the order of their requests.
    private var signals: [WakeSignal] {
        entries.values.sorted { $0.number < $1.number }.map(\.signal)
    }
}
