// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// What the program is asked to do.
enum Assignment: Equatable {
    /// Publish this number of prices, and watch them.
    case publish(Int)
    /// Watch what another process publishes.
    case watch

    static let usage = "usage: LiveFeed [NUMBER OF PRICES | watch]    from 0 to 1000000, by default 200"

    /// What is asked for; `nil` when that cannot be understood.
    init?(_ arguments: ArraySlice<String>) {
        guard let first = arguments.first else {
            self = .publish(200)
            return
        }
        guard arguments.count == 1 else { return nil }
        if first == "watch" {
            self = .watch
        } else if let count = Int(first), (0...1_000_000).contains(count) {
            self = .publish(count)
        } else {
            return nil
        }
    }
}
