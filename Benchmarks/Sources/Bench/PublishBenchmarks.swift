// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import StreamBroker

/// Messages stored a second; nobody consumes them.
enum PublishBenchmarks {
    static var all: [Benchmark] {
        [single(tasks: 1), single(tasks: 16)] + [16, 256, 1024].map(batch)
    }

    private static func single(tasks: Int) -> Benchmark {
        Benchmark(name: "memory publish single, \(tasks) \(tasks == 1 ? "task" : "tasks")", share: 2) { messages in
            let fixture = try Fixture(expecting: 0)
            let share = messages / tasks
            let duration = try await ContinuousClock().measure { try await fixture.publishSingly(share, tasks: tasks) }
            return duration.rate(of: share * tasks)
        }
    }

    private static func batch(of size: Int) -> Benchmark {
        Benchmark(name: "memory publish batches of \(size)") { messages in
            let fixture = try Fixture(expecting: 0)
            let duration = try await ContinuousClock().measure {
                try await fixture.publish(messages, inBatchesOf: size) { _ in Suite.message }
            }
            return duration.rate(of: messages)
        }
    }
}
