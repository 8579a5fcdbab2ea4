// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerMemory
import BrokerRedis
import BrokerTestKit
import Foundation
import Logging
import RedisTestSupport
import RedisWire
import Testing

/// More than there is room for.
@Suite(.inRealTime, .serialized) struct OverflowTests {
    @Test func whatIsLostIsCounted() async throws {
        try await PubSubFixture.with {
            $0.buffer.limit = 100
        } _: { fixture in
            let subscription = try await fixture.join("ticks")
            try await fixture.publish((0..<1000).map { "\($0)" }, to: "ticks")
            try await eventually("everything has come") { await fixture.detail("dropped") == 900 }
            #expect(await fixture.detail("buffered-messages") == 100)
            #expect(try await fixture.collect(100, from: subscription) == (900..<1000).map { "\($0)" })
            #expect(await fixture.detail("buffered-bytes") == 0)
        }
    }

    @Test func aFullBufferGivesTheConnectionUpAndTakesItAgain() async throws {
        try await PubSubFixture.with {
            $0.buffer.limit = 10
            $0.buffer.overflow = .disconnect
        } _: { fixture in
            let subscription = try await fixture.join("ticks")
            try await fixture.publish((0..<20).map { "\($0)" }, to: "ticks")
            try await eventually("the connection is given up") { await !fixture.provider.health().isReady }
            #expect(await fixture.provider.health().reason.hasPrefix("the buffer is full"))
            #expect(await fixture.detail("gaps") == 1)
            try await eventually("nobody listens") {
                try await fixture.server.command("PUBLISH", "ticks", "missed").integer == 0
            }
            #expect(try await fixture.collect(10, from: subscription) == (0..<10).map { "\($0)" })
            try await eventually("listening again") { await fixture.provider.health().isReady }
            try await fixture.publish(["after"], to: "ticks")
            #expect(try await fixture.collect(1, from: subscription) == ["after"])
        }
    }

    /// Such a message is not even read to its end: it would take more memory than it may.
    @Test func aMessageLargerThanTheBufferIsAGap() async throws {
        try await PubSubFixture.with {
            $0.buffer.bytes = 64 << 10
        } _: { fixture in
            let subscription = try await fixture.join("ticks")
            try await fixture.publish([String(repeating: "x", count: 1 << 20)], to: "ticks")
            try await eventually("it is counted") { await fixture.detail("gaps") == 1 }
            try await eventually("listening again") { await fixture.provider.health().isReady }
            try await fixture.publish(["after"], to: "ticks")
            #expect(try await fixture.collect(1, from: subscription) == ["after"])
        }
    }

    /// 512 MiB published at a consumer that handles nothing: its process grows by twice the buffer at most. A second one,
    /// in this process, tells that nothing is lost but what is counted.
    @Test(.timeLimit(.minutes(5))) func aSlowConsumerStaysSmall() async throws {
        let limits = ["--client-output-buffer-limit", "pubsub 0 0 0"]
        try await RedisServer.with(arguments: { port, _ in ["--port", "\(port)"] + limits }) { server in
            var settings = WorkerSettings(server.url)
            settings.liveBuffer = "{ bytes: 32MiB }"
            try await Supervisor.with(1, settings) { crew in
                try await crew.wait(for: "a consumer") { $0.contains { $0.event == "subscribed" } }
                let pid = try #require(crew.pids.first)
                let witness = try await Self.witness(server)
                let before = try Self.memory(pid, "VmRSS")
                // Each keeps its handler for longer than the test.
                let message = "1 600000 end " + String(repeating: "x", count: 64 << 10)
                for _ in 0..<128 { try await server.broadcast(message, count: 64, on: "work") }
                try await eventually("everything was read", within: .seconds(60)) {
                    let clients = try await server.command("CLIENT", "LIST", "TYPE", "pubsub").string ?? ""
                    return clients.contains("omem=0 ")
                }
                let growth = try Self.memory(pid, "VmHWM") - before
                print("a slow consumer grew by \(growth >> 20) MiB")
                #expect(growth <= 64 << 20)
                try await eventually("every message is counted") {
                    let details = await witness.health().details
                    let counts = ["dropped", "buffered-messages"].compactMap { details[$0].flatMap { Int($0) } }
                    return counts.reduce(0, +) == 8192 && details["gaps"] == "0" && details["dropped"] != "0"
                }
                await witness.close()
                #expect(crew.pids == [pid])
            }
        }
    }

    private static func witness(_ server: RedisServer) async throws -> RedisPubSubProvider {
        var options = RedisPubSubOptions(connection: RedisOptions(url: try RedisURL(server.url)))
        options.buffer.bytes = 32 << 20
        let provider = try RedisPubSubProvider(
            options, clock: TimeControl.real().clock, logger: Logger(label: "witness"))
        _ = try await provider.subscribe(SubscriptionRequest(.stream("work"), group: "g", consumer: "c"))
        return provider
    }

    /// A number of bytes that the system says about a process.
    private static func memory(_ pid: Int32, _ name: String) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("\(name):") })
        return try #require(line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }) << 10
    }
}
