// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import StreamBroker

/// Every benchmark, in the order of the report.
enum Suite {
    static func benchmarks(payloads: Payloads, webhooks: Payloads, server: RedisServer) -> [Benchmark] {
        PublishBenchmarks.all + RouteBenchmarks.all + SettleBenchmarks.all(payloads) + TypedBenchmarks.all(webhooks)
            + AllocationBenchmarks.all(payloads, server) + ScaleBenchmarks.all + RedisBenchmarks.all(server)
            + LatencyBenchmarks.all(server) + PatternBenchmarks.all(server) + BacklogBenchmarks.all(server)
            + OrderingBenchmarks.all(server) + SubscriptionBenchmarks.all(server)
    }

    /// A body of 100 bytes; all messages share it.
    static let message = Message([UInt8](repeating: 120, count: 100))
}
