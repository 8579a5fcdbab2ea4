// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

extension Duration {
    /// The duration for a sentence, rounded: `850 ms`, `1.5 s`, `45 s`, `3 min`, `5 h`.
    package var inWords: String {
        let milliseconds = components.seconds.magnitude < 1 << 32 ? (self / .milliseconds(1)).rounded() : .infinity
        guard milliseconds.isFinite else { return "\(components.seconds / 3600) h" }
        let whole = Int(milliseconds)
        switch whole {
        case ..<1000: return "\(whole) ms"
        case ..<9950: return Self.seconds(tenths: (whole + 50) / 100)
        case ..<119_500: return "\((whole + 500) / 1000) s"
        case ..<7_170_000: return "\((whole + 30_000) / 60_000) min"
        default: return "\((whole + 1_800_000) / 3_600_000) h"
        }
    }

    private static func seconds(tenths: Int) -> String {
        tenths % 10 == 0 ? "\(tenths / 10) s" : "\(tenths / 10).\(tenths % 10) s"
    }
}
