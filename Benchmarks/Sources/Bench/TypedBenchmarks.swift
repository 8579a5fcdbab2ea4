// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import StreamBroker

/// Handlers that take values, beside a loop that does nothing but decode the same bodies. Both take one body after
/// another.
enum TypedBenchmarks {
    static func all(_ payloads: Payloads) -> [Benchmark] {
        let bare = Benchmark(name: "memory typed webhooks, bare loop", share: 80) { messages in
            let codec = JSONMessageCodec()
            var length = 0
            let duration = try ContinuousClock().measure {
                for number in 0..<messages {
                    let body = payloads[number].payload
                    length += try codec.decode(Payloads.Event.self, from: body).name.count
                }
            }
            precondition(length > 0, "a name has letters")
            return duration.rate(of: messages)
        }
        let typed = Benchmark(name: "memory typed webhooks, concurrency 1", share: 80, yardstick: bare.name) {
            messages in
            let fixture = try Fixture(expecting: messages, ConsumerOptions(concurrency: 1))
            handleTyped(fixture.registry)
            try await fixture.publish(messages, inBatchesOf: 1024) { payloads[$0] }
            return try await fixture.consume().rate(of: messages)
        }
        return [bare, typed]
    }
}
