// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

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
