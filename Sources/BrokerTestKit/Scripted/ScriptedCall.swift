// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
import DequeModule
import Synchronization

/// One method of a scripted provider. It records every request and replies as a test has scripted.
///
/// Each call takes one scripted reply, in order. When none is left, calls get the default result.
public final class ScriptedCall<Request: Sendable, Value: Sendable>: Sendable {
    /// The reply to one call. Closed by design.
    public enum Reply: Sendable {
        /// This result.
        case value(Value)
        /// This error.
        case failure(BrokerError)
        /// The reply `then`, once the gate is open.
        indirect case held(CallGate, then: Reply)
        /// The default result.
        case usual
    }

    private struct State {
        var requests: [Request] = []
        var replies = Deque<Reply>()
        var waiters: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())
    private let usual: @Sendable (Request) async -> Value

    /// Makes a method that returns the result of `usual` unless a test scripts another reply.
    public init(usual: @escaping @Sendable (Request) async -> Value) {
        self.usual = usual
    }

    /// Every request so far, in order.
    public var requests: [Request] { state.withLock { $0.requests } }

    /// Scripts replies for the next calls, after those that are scripted already.
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

    /// Records a call and replies.
    func call(_ request: Request) async throws(BrokerError) -> Value {
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

    private func carryOut(_ reply: Reply, _ request: Request) async throws(BrokerError) -> Value {
        switch reply {
        case .value(let value): return value
        case .failure(let error): throw error
        case .usual: return await usual(request)
        case .held(let gate, let then):
            await gate.wait()
            return try await carryOut(then, request)
        }
    }
}

/// A gate for calls. It is closed at first, and holds every call that reaches it until a test opens it.
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

    /// Lets all waiting and all later calls pass. May be called twice.
    public func open() {
        let held = state.withLock { state in
            state.isOpen = true
            defer { state.held = [] }
            return state.held
        }
        for continuation in held { continuation.resume() }
    }

    /// Waits until the gate is open. Cancellation does not end the wait, just as a hanging server does not notice it.
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
