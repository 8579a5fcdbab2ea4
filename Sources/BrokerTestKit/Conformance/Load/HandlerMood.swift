// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// How often, from 0 to 1, a handler does something else than acknowledge.
struct HandlerMood {
    var retry = 0.0
    var release = 0.0
    /// Leaves its lease to expire, as a consumer that dies does.
    var vanish = 0.0

    func decide(using generator: inout SeededGenerator) -> Settlement.Action? {
        let drawn = Double.random(in: 0..<1, using: &generator)
        if drawn < vanish { return nil }
        if drawn < vanish + retry { return .retry(after: .milliseconds(Int64.random(in: 0...50, using: &generator))) }
        if drawn < vanish + retry + release { return .release(after: .zero) }
        return .ack
    }
}
