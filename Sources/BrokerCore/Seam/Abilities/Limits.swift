// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// The optional ability to limit the number of consumers. The engine refuses more handlers at the start.
public protocol ConsumerLimiting: BrokerProvider {
    /// How many consumers, each with a handler, can have a subscription at the same time. It is known before the
    /// provider connects.
    var consumerLimit: Int { get }
    /// How to raise the limit, as the end of a sentence: `raise 'max-connections'`.
    var consumerAdvice: String { get }
}

/// The optional ability to limit the streams between which forwarding is atomic.
///
/// It adds to ``BrokerCapabilities/atomicForward``. A provider with that capability and without this ability forwards
/// atomically between all of its streams.
public protocol ForwardLimiting: BrokerProvider {
    /// Returns whether the provider can store all of these entries and settle a message of `stream` in one step. It
    /// returns at once, with what it knows.
    func canForward(_ entries: [PublishBatch.Entry], from stream: StreamName) -> Bool
}

/// The optional ability to store streams at several places that can be slow or away each without the others, such as the
/// nodes of a cluster.
///
/// The engine writes to each place by itself: while one of them is silent, messages to the others do not wait for it.
public protocol StreamPlacing: BrokerProvider {
    /// Whether there are several places. It is known before the provider connects.
    var hasPlaces: Bool { get }

    /// Returns a number for the place of a stream, as far as it is known now. It returns at once.
    ///
    /// It may change. The messages of one call to one stream stay together all the same.
    func place(of stream: StreamName) -> Int
}

/// The optional ability to end publishing and nothing else.
///
/// The engine uses it when a drain is over and a handler still runs. The handler must not wait any longer for a backend
/// that is away, and its lease must be kept.
public protocol PublishEnding: BrokerProvider {
    /// Ends calls of ``BrokerProvider/publish(_:)`` that are in progress. Later calls fail with
    /// ``BrokerError/Code/closed``. May be called twice.
    func endPublishing() async
}
