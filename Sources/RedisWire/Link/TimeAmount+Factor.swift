// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import NIOCore

extension TimeAmount {
    /// A part of a time, or a multiple: what spreads pauses at random.
    static func * (amount: TimeAmount, factor: Double) -> TimeAmount {
        .nanoseconds(Int64(Double(amount.nanoseconds) * factor))
    }
}
