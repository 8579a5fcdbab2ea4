// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// The optional ability to know how many consumers there is room for; more handlers are refused at start.
public protocol ConsumerLimiting: BrokerProvider {
    /// How many consumers can have a subscription at the same time, each with a handler; known before anything
    /// connects.
    var consumerLimit: Int { get }
    /// What makes room for more, as the end of a sentence (`raise 'max-connections'`).
    var consumerAdvice: String { get }
}

/// The optional ability to say between which streams forwarding is one step, where that is not between all of them.
///
/// Asked of a provider that promises ``BrokerCapabilities/atomicForward``; one without this ability forwards from each
/// of its streams to all others.
public protocol ForwardLimiting: BrokerProvider {
    /// Whether all of these can be stored and a message of `stream` be settled in one step; returns what is known
    /// already.
    func canForward(_ entries: [PublishBatch.Entry], from stream: StreamName) -> Bool
}

/// Ability: to end publishing and nothing else.
///
/// A drain that is over needs it while a handler still runs: one that waits for a backend that is away must not wait
/// any longer, and leases are kept.
public protocol PublishEnding: BrokerProvider {
    /// Ends calls of ``BrokerProvider/publish(_:)`` that are under way, and lets later ones fail with
    /// ``BrokerError/Code/closed``. May be called twice.
    func endPublishing() async
}
