// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerTestKit
import Foundation
import Logging
import RedisTestSupport
import StreamBroker
import Synchronization
import Testing

/// What runs where the connections live must not be blocked: not by an observer, not by a log, not by a neighbour.
@Suite(.inRealTime, .serialized, .timeLimit(.minutes(1))) struct ConnectionLoopTests {
    enum Culprit: CaseIterable { case observerOfReads, observerOfSettlements, log }

    /// One consumer's observer, or the provider's log, blocks its thread for five times as long as a lease lasts.
    @Test(arguments: Culprit.allCases)
    func whatBlocksItsThreadHoldsUpNoNeighbourAndCostsNoLease(_ culprit: Culprit) async throws {
        try await RedisServer.with { server in
            let blocking = BlockedThread()
            let losses = EventRecorder()
            let registry = try registry(on: server, culprit, blocking, losses)
            let slow = Tally()
            let quick = Tally()
            registry.handle("slow", group: "crew") { _ in
                try await Task.sleep(for: .milliseconds(900))
                slow.add()
            }
            registry.handle("quick", group: "crew") { _ in quick.add() }
            try await withThrowingDiscardingTaskGroup { group in
                defer { blocking.end() }
                group.addTask { try await registry.run() }
                try await registry.publish(Message("first"), to: "slow")
                if culprit == .log {
                    try await eventually("a delivery") { try await server.pendingCount("slow", "crew") == 1 }
                    try await server.command("XGROUP", "DESTROY", "slow", "crew")
                }
                try await eventually("a blocked thread") { blocking.isBlocking }
                for number in 0..<20 { try await registry.publish(Message("\(number)"), to: "quick") }
                try await eventually("the neighbour") { quick.count == 20 }
                #expect(blocking.isBlocking, "the neighbour did not wait for it")
                blocking.end()
                registry.drain()
            }
            #expect(slow.count >= 1)
            let lost = losses.events.filter { if case .leaseLost = $0 { true } else { false } }
            #expect(culprit == .log || lost.isEmpty)
        }
    }

    private func registry(
        on server: RedisServer, _ culprit: Culprit, _ blocking: BlockedThread, _ losses: EventRecorder
    ) throws -> BrokerRegistry {
        let url = ConfigurationNode.Entry(key: "url", node: ConfigurationNode(.scalar(server.url, isQuoted: true)))
        let broker = BrokerConfiguration("events", provider: "redis-streams", options: ConfigurationNode(.map([url])))
        let group = GroupConfiguration("crew", ConsumerOptions(visibility: .milliseconds(400)))
        let logger = Logger(label: "test") { _ in
            if culprit == .log { BlockingLog(thread: blocking) } else { SwiftLogNoOpLogHandler() }
        }
        return try BrokerRegistry(
            BrokersConfiguration(
                brokers: [broker],
                streams: [StreamConfiguration("slow", groups: [group]), StreamConfiguration("quick", groups: [group])]),
            observers: [BlockingObserver(culprit: culprit, thread: blocking), losses], logger: logger)
    }
}

/// Blocks the thread of its first caller until it is told to end.
private final class BlockedThread: Sendable {
    private let state = Mutex((isBlocking: false, hasBlocked: false))
    private let gate = DispatchSemaphore(value: 0)

    var isBlocking: Bool { state.withLock { $0.isBlocking } }

    func block() {
        let isFirst = state.withLock { state in
            defer { state.hasBlocked = true }
            if !state.hasBlocked { state.isBlocking = true }
            return !state.hasBlocked
        }
        if isFirst { gate.wait() }
    }

    func end() {
        state.withLock { $0.isBlocking = false }
        gate.signal()
    }
}

private struct BlockingObserver: BrokerObserver {
    let culprit: ConnectionLoopTests.Culprit
    let thread: BlockedThread

    func observe(_ event: BrokerEvent) {
        switch event {
        case .received(let event) where culprit == .observerOfReads && event.consumer.selection.text == "slow":
            thread.block()
        case .settled(let event) where culprit == .observerOfSettlements && event.consumer.selection.text == "slow":
            thread.block()
        default: break
        }
    }
}

private struct BlockingLog: LogHandler {
    let thread: BlockedThread
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.warning

    init(thread: BlockedThread) { self.thread = thread }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        if event.message.description.contains("group was lost") { thread.block() }
    }
}

private final class Tally: Sendable {
    private let total = Atomic(0)

    var count: Int { total.load(ordering: .relaxed) }

    func add() { total.add(1, ordering: .relaxed) }
}
