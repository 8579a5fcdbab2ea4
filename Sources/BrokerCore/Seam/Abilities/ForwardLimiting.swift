// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// The optional ability to say between which streams forwarding is one step, where that is not between all of them.
///
/// Asked of a provider that promises ``BrokerCapabilities/atomicForward``; one without this ability forwards from each
/// of its streams to all others.
public protocol ForwardLimiting: BrokerProvider {
    /// Whether all of these can be stored and a message of `stream` be settled in one step; returns what is known
    /// already.
    func canForward(_ entries: [PublishBatch.Entry], from stream: StreamName) -> Bool
}
