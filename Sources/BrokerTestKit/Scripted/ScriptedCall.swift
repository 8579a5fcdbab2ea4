// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
import DequeModule
import Synchronization

/// One method of a scripted provider: it records every request and returns what a test has laid down for it.
///
/// Replies are used up one a call, in order; when none is left, the usual answer is given.
public final class ScriptedCall<Request: Sendable, Answer: Sendable>: Sendable {
    /// What one call is to get. Closed by design.
    public enum Reply: Sendable {
        /// This answer.
        case answer(Answer)
        /// This error.
        case failure(BrokerError)
        /// What `reply` says, but only once the gate is open.
        indirect case held(CallGate, then: Reply)
        /// The usual answer.
        case usual
    }

    private struct State {
        var requests: [Request] = []
        var replies = Deque<Reply>()
        var waiters: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())
    private let usual: @Sendable (Request) async -> Answer

    /// Makes a method that answers `usual` unless it is told otherwise.
    public init(usual: @escaping @Sendable (Request) async -> Answer) {
        self.usual = usual
    }

    /// Every request so far, in order.
    public var requests: [Request] { state.withLock { $0.requests } }

    /// Lays down what the next calls get, behind what is laid down already.
    public func next(_ replies: Reply...) {
        state.withLock { $0.replies.append(contentsOf: replies) }
    }

    /// Waits until there have been `count` calls in all.
    public func called(times count: Int) async {
        await withCheckedContinuation { continuation in
            let isReached = state.withLock { state in
                if state.requests.count < count { state.waiters.append((count, continuation)) }
                return state.requests.count >= count
            }
            if isReached { continuation.resume() }
        }
    }

    /// Records a call and returns it.
    func call(_ request: Request) async throws(BrokerError) -> Answer {
        let (reply, reached) = state.withLock { state in
            state.requests.append(request)
            let count = state.requests.count
            let reached = state.waiters.filter { $0.count <= count }.map(\.continuation)
            state.waiters.removeAll { $0.count <= count }
            return (state.replies.popFirst() ?? .usual, reached)
        }
        for continuation in reached { continuation.resume() }
        return try await carryOut(reply, request)
    }

    private func carryOut(_ reply: Reply, _ request: Request) async throws(BrokerError) -> Answer {
        switch reply {
        case .answer(let answer): return answer
        case .failure(let error): throw error
        case .usual: return await usual(request)
        case .held(let gate, let then):
            await gate.wait()
            return try await carryOut(then, request)
        }
    }
}

/// A gate on the way of a call: closed at first, it holds every call that reaches it until a test opens it.
public final class CallGate: Sendable {
    private struct State {
        var isOpen = false
        var held: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    /// Makes a closed gate.
    public init() {}

    /// How many calls wait at the gate.
    public var held: Int { state.withLock { $0.held.count } }

    /// Lets every call pass that waits and all that come later; may be called twice.
    public func open() {
        let held = state.withLock { state in
            state.isOpen = true
            defer { state.held = [] }
            return state.held
        }
        for continuation in held { continuation.resume() }
    }

    /// Waits until the gate is open; cancellation does not end it, as a server that hangs does not notice it either.
    public func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.held.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }
}
