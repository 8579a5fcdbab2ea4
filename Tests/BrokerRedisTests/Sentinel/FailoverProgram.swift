// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import Foundation
import Logging
import RedisTestSupport
import StreamBroker
import Synchronization

/// A program that knows nothing but a URL: it publishes numbered messages and consumes them, and notes what became of
/// each.
final class FailoverProgram: Sendable {
    typealias Moment = ContinuousClock.Instant

    /// What became of a message.
    struct Fate: Sendable {
        var sent: Moment
        var stored: Moment?
        var id: String?
        var failure: BrokerError?
        var handled: [Moment] = []
    }

    private struct State {
        var fates: [Int: Fate] = [:]
        var last = 0
        var isEnding = false
    }

    /// How many publish side by side, and the pause between two of one.
    static let lanes = 4
    private static let pause = Duration.milliseconds(4)

    let log: LogRecorder
    private let registry: BrokerRegistry
    private let state = Mutex(State())

    private init(_ registry: BrokerRegistry, _ log: LogRecorder) {
        self.registry = registry
        self.log = log
    }

    /// Runs `body` beside the program.
    static func with<Result: Sendable>(
        _ url: String, options: [ConfigurationNode.Entry] = [], durability: DurabilityPolicy? = nil,
        _ body: @escaping @Sendable (FailoverProgram) async throws -> Result
    ) async throws -> Result {
        let place = ConfigurationNode.Entry(key: "url", node: ConfigurationNode(.scalar(url, isQuoted: true)))
        let log = LogRecorder()
        let registry = try BrokerRegistry(
            BrokersConfiguration(
                brokers: [
                    BrokerConfiguration(
                        "events", provider: "redis-streams", options: ConfigurationNode(.map([place] + options)))
                ],
                streams: [
                    StreamConfiguration(
                        "work", durability: durability, options: ConsumerOptions(visibility: .seconds(5)),
                        groups: [GroupConfiguration("watch")])
                ]), logger: Logger(label: "program") { _ in log })
        let program = FailoverProgram(registry, log)
        return try await withBrokerRegistry(registry) { registry in
            registry.handle("work", group: "watch") { program.handle($0.message.payload.string) }
        } body: { _ in
            try await program.publish(beside: body)
        }
    }

    private func publish<Result: Sendable>(beside body: @escaping @Sendable (FailoverProgram) async throws -> Result)
        async throws -> Result
    {
        try await withThrowingTaskGroup(of: Void.self) { lanes in
            for _ in 0..<Self.lanes { lanes.addTask { await self.publishAll() } }
            defer { state.withLock { $0.isEnding = true } }
            return try await body(self)
        }
    }

    private func publishAll() async {
        while let number = begin() {
            do throws(BrokerError) {
                let id = try await registry.publish(Message(Payload("\(number)")), to: "work").id
                note(number) { ($0.stored, $0.id) = (.now, "\(id)") }
            } catch { note(number) { $0.failure = error } }
            try? await Task.sleep(for: Self.pause)
        }
    }

    private func begin() -> Int? {
        state.withLock { state in
            if state.isEnding { return nil }
            state.last += 1
            state.fates[state.last] = Fate(sent: .now)
            return state.last
        }
    }

    private func handle(_ text: String) { if let number = Int(text) { note(number) { $0.handled.append(.now) } } }

    private func note(_ number: Int, _ change: (inout Fate) -> Void) {
        state.withLock { state in
            guard var fate = state.fates[number] else { return }
            change(&fate)
            state.fates[number] = fate
        }
    }

    /// What became of every message so far.
    var fates: [Int: Fate] { state.withLock { $0.fates } }

    /// Publishes no more, and waits until every call has returned.
    func endPublishing() async throws {
        state.withLock { $0.isEnding = true }
        try await eventually("the end of every publish") {
            self.fates.values.allSatisfy { $0.stored != nil || $0.failure != nil }
        }
    }

    /// Waits until a message that was sent after a moment has been handled; returns when the first one was stored, and
    /// when the first one was handled.
    func goesOn(after moment: Moment) async throws -> (stored: Moment, handled: Moment) {
        try await eventually("a program that goes on") {
            let later = self.fates.values.filter { $0.sent > moment || ($0.stored ?? moment) > moment }
            guard let stored = later.compactMap(\.stored).filter({ $0 > moment }).min(),
                let handled = later.compactMap(\.handled.first).filter({ $0 > stored }).min()
            else { return nil }
            return (stored, handled)
        }
    }
}
