// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Thrown by a handler to say that a message can never be handled: it becomes a dead letter at once.
public struct Reject: Error, Sendable {
    /// Why; written beside the dead letter, so it must hold no secrets.
    public var reason: String

    /// Makes a rejection.
    public init(_ reason: String) {
        self.reason = reason
    }
}
