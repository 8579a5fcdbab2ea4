// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import DequeModule
import Synchronization

/// Decides which calls of a ``FaultInjectingProvider`` go wrong, and counts them.
///
/// Nothing goes wrong until it is asked for. Faults laid down by ``inject(_:at:times:)`` are used up in order; behind
/// them, ``misbehave(rates:seed:)`` draws faults by chance.
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

    /// What a call has to observe: its fault, and the number of cuts before it began.
    struct Decision {
        var fault: InjectedFault?
        var gate: CallGate
        var cuts: Int
    }

    private let state = Mutex(State())

    /// Makes an injector that lets everything pass.
    public init() {}

    /// How many faults struck, by kind; a kind that never did is missing.
    public var injected: [InjectedFault: Int] { state.withLock { $0.counts } }

    /// Whether the connection is cut now.
    public var isCut: Bool { state.withLock { $0.isCut } }

    /// How many calls hang now.
    public var hanging: Int { state.withLock { $0.gate }.held }

    /// Lays down that the next `times` calls at `point` meet `fault`, behind what is laid down already.
    public func inject(_ fault: InjectedFault, at point: FaultPoint, times: Int = 1) {
        state.withLock { state in
            state.planned[point, default: []].append(contentsOf: repeatElement(fault, count: times))
        }
    }

    /// Draws faults by chance from now on: for each kind the part of the calls, from 0 to 1, that meet it.
    public func misbehave(rates: [InjectedFault: Double], seed: UInt64) {
        state.withLock { state in
            state.rates = rates
            state.generator = SeededGenerator(seed: seed)
        }
    }

    /// Cuts the connection: every call fails until ``restore()``, and the replies of calls under way are lost.
    public func cut() {
        state.withLock { state in
            state.isCut = true
            state.cuts += 1
        }
    }

    /// Ends a cut and forgets every fault that is laid down or drawn; what hangs goes on hanging.
    public func restore() {
        state.withLock { state in
            state.isCut = false
            state.planned = [:]
            state.rates = [:]
        }
    }

    /// Lets every call go on that hangs; later ones hang anew.
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

    /// Whether the reply of a call that began with `decision` arrives.
    func replyArrives(_ decision: Decision) -> Bool {
        state.withLock { state in
            guard decision.fault != .loseReply, state.cuts != decision.cuts else { return decision.fault != .loseReply }
            state.counts[.cut, default: 0] += 1
            return false
        }
    }
}

/// Where a fault strikes. Closed by design: the calls of the seam.
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
    /// The call fails before it had any effect.
    case refuse
    /// The call takes effect and its reply is lost.
    case loseReply
    /// The call waits until ``FaultInjector/release()``, then goes on as usual.
    case hang
    /// The call fails because the connection is cut.
    case cut
}
