// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// One thing that is measured.
struct Benchmark: Sendable {
    /// By this `--only` finds it.
    var name: String
    /// The benchmark runs with the requested number of messages divided by this, which is larger for a slow one.
    var share = 1
    /// The name of the benchmark that this one is held against; `nil` for none.
    var yardstick: String?
    /// Runs it once with `messages` messages.
    var run: @Sendable (_ messages: Int) async throws -> Sample
}
