// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Ability: to end publishing and nothing else.
///
/// A drain that is over needs it while a handler still runs: one that waits for a backend that is away must not wait
/// any longer, and leases are kept.
public protocol PublishEnding: BrokerProvider {
    /// Ends calls of ``BrokerProvider/publish(_:)`` that are under way, and lets later ones fail with
    /// ``BrokerError/Code/closed``. May be called twice.
    func endPublishing() async
}
