// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Synchronization

/// Watches a new group until its first message is handled. After that, and for every other group, it is one flag.
final class NewGroupWatch: Sendable {
    private struct State {
        var messages = FirstMessages(isNew: false)
        var wasProven = false
        var reason: String?
    }

    private let isOver = Atomic(true)
    private let state = Mutex(State())
    private let decidedSignal = WakeSignal()
    /// Ends the fetching of the consumer.
    private let stopSignal: WakeSignal

    /// Makes a watch that is over until it begins.
    init(stopSignal: WakeSignal) {
        self.stopSignal = stopSignal
    }

    /// Why the consumer takes no more messages, as the end of a sentence; `nil` if it does.
    var stopReason: String? {
        state.withLock { $0.reason }.map { "none of its first \(FirstMessages.limit) can be decoded: \($0)" }
    }

    /// Begins, for a group that is new.
    func begin() {
        state.withLock { $0.messages = FirstMessages(isNew: true) }
        isOver.store(false, ordering: .releasing)
    }

    /// Notes how a handler ended.
    @inline(__always)
    func note(_ ending: Ending) {
        if isOver.load(ordering: .acquiring) { return }
        noteFirst(ending)
    }

    private func noteFirst(_ ending: Ending) {
        guard ending.showsThatItWasDecoded else { return }
        let isProof = state.withLock { state in
            let isProof = state.messages.handled()
            if isProof { state.wasProven = true }
            return isProof
        }
        guard isProof else { return }
        isOver.store(true, ordering: .releasing)
        decidedSignal.raise()
    }

    /// Returns what is done about a message that cannot be decoded.
    func undecodable(_ receipt: Receipt, _ reason: String) -> FirstMessages.Action {
        let action = state.withLock { state in
            let action = state.messages.failed(receipt)
            if case .keepAndStop = action { state.reason = reason }
            return action
        }
        if case .keepAndStop = action { stopSignal.raise() }
        return action
    }

    /// Waits until a message was handled; returns false if the consumer ended before.
    func wasProven() async -> Bool {
        await decidedSignal.wait()
        return state.withLock { $0.wasProven }
    }

    /// Ends the wait.
    func end() {
        decidedSignal.raise()
    }
}

extension Ending {
    /// Whether the handler has decided about the message, so that it could read it.
    fileprivate var showsThatItWasDecoded: Bool {
        switch self {
        case .returned, .asked, .rejected: true
        case .threw, .undecodable, .timedOut, .shutDown, .interrupted, .neverRan, .meantForAnother: false
        }
    }
}
