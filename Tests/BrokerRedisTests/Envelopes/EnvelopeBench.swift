// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import Logging
import RedisTestSupport
import RedisWire
import StreamBroker
import Synchronization
import Testing

/// A registry on a server of its own, with one handler of each kind that envelopes are tried on.
final class EnvelopeBench: Sendable {
    struct Invoice: Decodable, Sendable { var amount: Int }
    struct Refusal: Error {}

    let registry: BrokerRegistry
    /// The messages of `raw`.
    let raw = Seen<Message>()
    /// The values of `typed`.
    let amounts = Seen<Int>()
    /// The bodies of `delayed`, each with its attempt.
    let attempts = Seen<String>()
    /// The messages of `{raw}:failures`.
    let letters = Seen<Message>()
    private let connection: RedisConnection
    private let lastLetter = Mutex("0")

    static func with(_ body: @escaping @Sendable (EnvelopeBench) async throws -> Void) async throws {
        try await RedisServer.with { server in
            let bench = try await EnvelopeBench(server)
            try await withBrokerRegistry(bench.registry) {
                bench.register($0)
            } body: { _ in
                try await body(bench)
            }
        }
    }

    private init(_ server: RedisServer) async throws {
        let url = ConfigurationNode.Entry(key: "url", node: ConfigurationNode(.scalar(server.url, isQuoted: true)))
        let broker = BrokerConfiguration(
            "events", provider: "redis-streams", options: ConfigurationNode(.map([url])))
        let quick = ConsumerOptions(
            retry: RetryOptions(attempts: 1, initial: .milliseconds(1), maximum: .milliseconds(2)),
            onUndecodable: .deadLetter, concurrency: 1)
        let twice = ConsumerOptions(retry: RetryOptions(attempts: 2))
        let streams = ["raw", "typed", "failing", "{raw}:failures"].map {
            StreamConfiguration($0, groups: [GroupConfiguration("g")])
        }
        let delayed = StreamConfiguration("delayed", options: twice, groups: [GroupConfiguration("g")])
        registry = try BrokerRegistry(
            BrokersConfiguration(brokers: [broker], defaults: quick, streams: streams + [delayed]),
            logger: Logger(label: "silent", factory: { _ in SwiftLogNoOpLogHandler() }))
        connection = try await server.link().connection()
    }

    private func register(_ registry: BrokerRegistry) {
        registry.handle("raw", group: "g") { self.raw.add($0.message) }
        registry.handle("{raw}:failures", group: "g") { self.letters.add($0.message) }
        registry.handle("typed", group: "g", as: Invoice.self) { invoice, _ in self.amounts.add(invoice.amount) }
        registry.handle("failing", group: "g") { _ in throw Refusal() }
        registry.handle("delayed", group: "g") { delivery in
            let body = delivery.message.payload.string
            self.attempts.add("\(body) \(delivery.attempt)")
            if delivery.attempt == 1 { try delivery.retry(after: .seconds(Int(body) ?? 0)) }
        }
    }

    /// Runs a command on the server.
    @discardableResult
    func command(_ parts: [String], name: StaticString = "XADD") async throws -> RedisReply {
        var commands = RedisCommands()
        commands.begin(parts.count + 1, name)
        for part in parts { commands.add(part) }
        return try await connection.submit(commands, blocking: .seconds(20)).reply()
    }

    /// Adds an entry as somebody else would.
    func add(_ key: String, _ fields: [String]) async throws {
        try await command([key, "*"] + fields)
    }

    /// Waits until `count` entries of a stream are pending, all of them for a retry.
    func wait(for count: Int, waitingIn stream: String) async throws {
        while true {
            try Task.checkCancellation()
            let summary = try await command([stream, "g"], name: "XPENDING").elements
            let owners = summary[3]?.elements.compactMap { $0.elements[0]?.string } ?? []
            if summary[0]?.integer == count, owners == ["~parked"] { return }
        }
    }

    /// Waits for the next dead letter of a stream.
    func deadLetter(of stream: StreamName) async throws -> Message {
        let last = lastLetter.withLock { $0 }
        let reply = try await command(
            ["COUNT", "1", "BLOCK", "20000", "STREAMS", stream.deadLetters.text, last], name: "XREAD")
        let entry = try #require(reply.elements[0]?.elements[1]?.elements[0].flatMap(EntryDecoder.entry))
        lastLetter.withLock { $0 = entry.id.description }
        return entry.message
    }
}

/// What handlers have seen, in order; a test waits until it is as much as expected.
final class Seen<Value: Sendable>: Sendable {
    private let values = Mutex<[Value]>([])
    private let signal = WakeSignal()

    func add(_ value: Value) {
        values.withLock { $0.append(value) }
        signal.raise()
    }

    /// Waits for as many values; the time limit of the suite bounds it.
    func wait(for count: Int) async -> [Value] {
        while values.withLock({ $0.count }) < count, !Task.isCancelled { await signal.waitUnlessCancelled() }
        return values.withLock { $0 }
    }
}
