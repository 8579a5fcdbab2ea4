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
        Benchmark(name: "publish single, \(tasks) \(tasks == 1 ? "task" : "tasks")", share: 2) { messages in
            let fixture = try Fixture(expecting: 0)
            let share = messages / tasks
            let duration = try await ContinuousClock().measure {
                try await publish(share, tasks: tasks, to: fixture.registry)
            }
            return duration.rate(of: share * tasks)
        }
    }

    private static func publish(_ share: Int, tasks: Int, to registry: BrokerRegistry) async throws {
        try await withThrowingDiscardingTaskGroup { group in
            for _ in 0..<tasks {
                group.addTask {
                    for _ in 0..<share { try await registry.publish(Suite.message, to: Fixture.stream) }
                }
            }
        }
    }

    private static func batch(of size: Int) -> Benchmark {
        Benchmark(name: "publish batches of \(size)") { messages in
            let fixture = try Fixture(expecting: 0)
            let duration = await ContinuousClock().measure {
                await fixture.publish(messages, inBatchesOf: size) { _ in Suite.message }
            }
            return duration.rate(of: messages)
        }
    }
}
