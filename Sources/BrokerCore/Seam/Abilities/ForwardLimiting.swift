// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// The optional ability to say between which streams forwarding is one step, where that is not between all of them.
///
/// Asked of a provider that promises ``BrokerCapabilities/atomicForward``; one without this ability forwards from each
/// of its streams to all others.
public protocol ForwardLimiting: BrokerProvider {
    /// Whether a message of `stream` can be forwarded to all of these in one step; answers from what is known already.
    func canForward(from stream: StreamName, to destinations: [StreamName]) -> Bool
}
