// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import DequeModule
import Synchronization

/// Decides which calls of a ``FaultInjectingProvider`` go wrong, and counts them.
///
/// Nothing goes wrong until a test asks for it. Faults planned with ``inject(_:at:times:)`` come first, in order. After
/// them, ``misbehave(rates:seed:)`` draws faults at random.
public final class FaultInjector: Sendable {
    private struct State {
        var planned: [FaultPoint: Deque<InjectedFault>] = [:]
        var rates: [InjectedFault: Double] = [:]
        var generator = SeededGenerator(seed: 0)
        var isCut = false
        var cuts = 0
        var gate = CallGate()
        var counts: [InjectedFault: Int] = [:]

        mutating func fault(at point: FaultPoint) -> InjectedFault? {
            if isCut { return .cut }
            if let planned = planned[point]?.popFirst() { return planned }
            for fault in InjectedFault.allCases {
                guard let rate = rates[fault], rate > 0 else { continue }
                if Double.random(in: 0..<1, using: &generator) < rate { return fault }
            }
            return nil
        }
    }

    /// What a call is given: its fault, and the number of cuts before it began.
    struct Decision {
        var fault: InjectedFault?
        var gate: CallGate
        var cuts: Int
    }

    private let state = Mutex(State())

    /// Makes an injector without faults.
    public init() {}

    /// How many faults there were, by kind. A kind that never occurred is missing.
    public var injected: [InjectedFault: Int] { state.withLock { $0.counts } }

    /// Whether the connection is cut now.
    public var isCut: Bool { state.withLock { $0.isCut } }

    /// How many calls hang now.
    public var hanging: Int { state.withLock { $0.gate }.held }

    /// Plans `fault` for the next `times` calls at `point`, after the faults that are planned already.
    public func inject(_ fault: InjectedFault, at point: FaultPoint, times: Int = 1) {
        state.withLock { state in
            state.planned[point, default: []].append(contentsOf: repeatElement(fault, count: times))
        }
    }

    /// Draws faults at random from now on.
    ///
    /// - Parameters:
    ///   - rates: The fraction of calls, from 0 to 1, for each kind of fault.
    ///   - seed: The seed of the random numbers.
    public func misbehave(rates: [InjectedFault: Double], seed: UInt64) {
        state.withLock { state in
            state.rates = rates
            state.generator = SeededGenerator(seed: seed)
        }
    }

    /// Cuts the connection: every call fails until ``restore()``, and the replies of calls in progress are lost.
    public func cut() {
        state.withLock { state in
            state.isCut = true
            state.cuts += 1
        }
    }

    /// Ends a cut and all planned and random faults. Hanging calls go on hanging.
    public func restore() {
        state.withLock { state in
            state.isCut = false
            state.planned = [:]
            state.rates = [:]
        }
    }

    /// Lets all hanging calls go on. Later ones hang again.
    public func release() {
        let gate = state.withLock { state in
            defer { state.gate = CallGate() }
            return state.gate
        }
        gate.open()
    }

    func begin(_ point: FaultPoint) -> Decision {
        state.withLock { state in
            let fault = state.fault(at: point)
            if let fault { state.counts[fault, default: 0] += 1 }
            return Decision(fault: fault, gate: state.gate, cuts: state.cuts)
        }
    }

    /// Returns whether the reply of a call that began with `decision` arrives.
    func replyArrives(_ decision: Decision) -> Bool {
        state.withLock { state in
            guard decision.fault != .loseReply, state.cuts != decision.cuts else { return decision.fault != .loseReply }
            state.counts[.cut, default: 0] += 1
            return false
        }
    }
}

/// Where a fault occurs. Closed by design: the calls of a provider.
public enum FaultPoint: Sendable, Hashable, CaseIterable {
    /// `publish`.
    case publish
    /// `subscribe`.
    case subscribe
    /// `receive`.
    case receive
    /// `settle`.
    case settle
    /// `extend`.
    case extend
    /// `maintain`.
    case maintain
}

/// What can go wrong with a call. Closed by design: the wrapper carries out each.
public enum InjectedFault: Sendable, Hashable, CaseIterable {
    /// The call fails without an effect.
    case refuse
    /// The call has its effect, and its reply is lost.
    case loseReply
    /// The call hangs until ``FaultInjector/release()``, then goes on as usual.
    case hang
    /// The call fails because the connection is cut.
    case cut
}
