// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

extension StartPosition {
    /// The id that a group begins behind, as XGROUP CREATE takes it.
    package var onServer: String {
        switch self {
        case .earliest: return "0"
        case .latest: return "$"
        case .after(let id): return id.description
        case .time(let time):
            guard time.milliseconds > 0 else { return "0" }
            return MessageID(milliseconds: UInt64(time.milliseconds) - 1, sequence: .max).description
        }
    }
}
