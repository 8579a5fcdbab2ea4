// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// Who waits for which answer: a pure value.
package struct RequestTable: Sendable {
    /// At most so many callers wait at a time; who comes then is refused.
    package static let maximumWaiting = 10_000

    /// Where the replyInbox is in its life.
    package enum Phase: Sendable {
        /// Nobody has asked yet. Can go to called, or to ended.
        case idle
        /// Somebody has asked, and the registry does not run yet. Can go to joining, or to ended.
        case called
        /// The stream of answers is being opened. Can go to open, or to ended.
        case joining
        /// Returns can arrive.
        case open
        /// No answer will be read any more.
        case ended
    }

    /// How it stands with one request.
    package enum Standing: Sendable {
        /// The stream of answers is not open yet; the request must not be published.
        case early
        /// It may be published, and has no answer.
        case waiting
        /// Its answer is there; the request is taken off the list.
        case answered(Message)
        /// There will be none; the request is taken off the list.
        case ended
    }

    private struct Entry: Sendable {
        let number: UInt64
        let signal: WakeSignal
        var answer: Message?
    }

    package private(set) var phase = Phase.idle
    /// Why the stream of answers could not be opened or read, as of the last attempt.
    package var obstacle: BrokerError?
    private var entries: [String: Entry] = [:]
    private var lastNumber: UInt64 = 0

    package init() {}

    /// How many callers wait.
    package var count: Int { entries.count }

    /// Puts a caller on the list under a new number; its signal is raised whenever it has to look again.
    ///
    /// Returns whether it is the first of all and the stream of answers has to be opened; `nil` when the list is full.
    package mutating func begin(_ signal: WakeSignal, as name: (UInt64) -> String) -> (id: String, isFirst: Bool)? {
        guard entries.count < Self.maximumWaiting else { return nil }
        lastNumber += 1
        let id = name(lastNumber)
        entries[id] = Entry(number: lastNumber, signal: signal)
        let isFirst = phase == .idle
        if isFirst { phase = .called }
        return (id, isFirst)
    }

    /// The registry runs, and the stream of answers is being opened.
    package mutating func join() {
        if phase == .called { phase = .joining }
    }

    /// The stream of answers is open; returns whom to tell.
    package mutating func open() -> [WakeSignal] {
        guard phase == .joining else { return [] }
        phase = .open
        obstacle = nil
        return signals
    }

    /// Takes an answer in; `nil` when nobody waits for it: it came late, twice, or for a caller that gave up.
    package mutating func answer(_ id: String, with message: Message) -> WakeSignal? {
        guard let entry = entries[id], entry.answer == nil else { return nil }
        entries[id]?.answer = message
        return entry.signal
    }

    /// How it stands with a request; one that is over leaves the list, and so does one that looks for the last time.
    package mutating func look(_ id: String, isLast: Bool = false) -> Standing {
        let answer = entries[id]?.answer
        if isLast || answer != nil || phase == .ended { entries[id] = nil }
        if let answer { return .answered(answer) }
        switch phase {
        case .idle, .called, .joining: return .early
        case .open: return .waiting
        case .ended: return .ended
        }
    }

    /// Takes a caller off the list that gives up; returns whether an answer was there that nobody takes now.
    package mutating func withdraw(_ id: String) -> Bool {
        entries.removeValue(forKey: id)?.answer != nil
    }

    /// No answer will be read any more; returns whom to tell.
    package mutating func end() -> [WakeSignal] {
        phase = .ended
        return signals
    }

    /// Who is to be told, in the order in which they came.
    private var signals: [WakeSignal] {
        entries.values.sorted { $0.number < $1.number }.map(\.signal)
    }
}
