// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import StreamBroker

/// What the program `Yardstick`, plain C on blocking hiredis, reaches on the same server.
///
/// Every run is a process of its own, and empties the server first.
enum Yardstick {
    /// What is measured of it.
    enum Mode: String {
        case publish, consume
    }

    private struct Throughput: Codable {
        var messagesPerSecond: Double
        var clientMicroseconds: Double
        var serverMicroseconds: Double
    }

    private struct Latency: Codable {
        var p50: Double
        var p99: Double
        var messagesPerSecond: Double
    }

    /// Messages published, or read and acknowledged, in batches; and the processor time that they cost.
    static func measure(
        _ mode: Mode, _ messages: Int, inBatchesOf size: Int, on server: RedisServer
    ) throws -> Sample {
        let run = try run(Throughput.self, mode.rawValue, messages, inBatchesOf: size, on: server)
        let rate = Measure(unit: .messagesPerSecond, value: run.messagesPerSecond)
        let times = ProcessorClock.measures(client: run.clientMicroseconds, server: run.serverMicroseconds)
        return Sample([rate] + times)
    }

    /// The time from a publish to the reader that waits for it, one message after another.
    static func measureLatency(_ messages: Int, on server: RedisServer) throws -> [Measure] {
        let run = try run(Latency.self, "latency", messages, inBatchesOf: 1, on: server)
        return Latencies.measures(p50: run.p50, p99: run.p99)
    }

    /// The same while that many messages a second are published, and how many were read.
    static func measureLatency(
        _ messages: Int, perSecond rate: Double, inReadsOf size: Int, on server: RedisServer
    ) throws -> [Measure] {
        let run = try run(
            Latency.self, "latency", messages, inBatchesOf: size, perSecond: Int(rate.rounded(.up)), on: server)
        return Latencies.measures(p50: run.p50, p99: run.p99, settled: run.messagesPerSecond)
    }

    private static func run<Output: Codable>(
        _ type: Output.Type, _ mode: String, _ messages: Int, inBatchesOf size: Int, perSecond rate: Int? = nil,
        on server: RedisServer
    ) throws -> Output {
        let numbers = [try server.port, messages, size, Suite.message.payload.count] + [rate].compactMap(\.self)
        let words = [mode] + numbers.map { "\($0)" }
        let output = try Program.output(of: try Program.sibling("Yardstick"), words)
        return try JSONMessageCodec().decode(Output.self, from: Payload(output))
    }
}
