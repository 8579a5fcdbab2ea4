// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import StreamBroker
import Testing

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

@Suite struct ManyBrokersTests {
    /// By the processor time of the one thread that loads: a square would be sixty-four times as much.
    @Test func aFileOfEightTimesAsManyBrokersTakesAboutEightTimesTheWork() async throws {
        _ = try work(loading: 20)
        let few = try work(loading: 100)
        await Task.yield()
        let many = try work(loading: 800)
        #expect(many < few * 20, "100 brokers: \(few) ms; 800 brokers: \(many) ms")
    }

    private func work(loading count: Int) throws -> Double {
        let brokers = (0..<count).map { "  b\($0): { provider: memory }\n" }.joined()
        let streams = (0..<count).map { "  s\($0): { broker: b\($0), groups: { g: {} } }\n" }.joined()
        let text = "version: 1\ndefault: b0\nbrokers:\n\(brokers)streams:\n\(streams)"
        let file = try ConfigurationFixture(Array(text.utf8))
        let began = processorTime
        let registry = try BrokerRegistry.load(file.path)
        let ended = processorTime
        #expect(registry.configuration.brokers.count == count)
        return ended - began
    }

    /// In milliseconds.
    private var processorTime: Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1000 + Double(time.tv_nsec) / 1e6
    }
}
