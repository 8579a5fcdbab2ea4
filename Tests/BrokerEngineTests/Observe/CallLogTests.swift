// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerTestKit
import Logging
import Testing

/// What the log says of calls that fail, word for word.
@Suite(.timeLimit(.minutes(1))) struct CallLogTests {
    private let down = BrokerError(.connection, "could not read from 'orders': no connection to a:6379")

    /// Runs a consumer whose provider does what `body` lays down, and returns the lines.
    private func lines(
        _ options: ConsumerOptions = .test(), handling duration: Duration = .zero,
        while body: @escaping @Sendable (EngineBench, ScriptedSubscription) async throws -> Void
    ) async throws -> [String] {
        let lines = Journal<String>()
        let time = VirtualTime()
        let provider = ScriptedProvider(clock: time.clock)
        let bench = try EngineBench(options, time: time, provider: provider, logger: LineLog.logger(lines))
        bench.handle { _ in await bench.pass(duration) }
        try await bench.run {
            await bench.pass(.milliseconds(1))
            try await body(bench, try #require(provider.subscriptions.first))
        }
        return lines.all.filter { line in !Self.lifeOfAProgram.contains { line.hasPrefix($0) } }
    }

    private static let lifeOfAProgram = ["info: Broker", "info: Consuming", "info: Shutting down", "info: Shut down"]

    @Test func aCallThatFailsSaysWhichOnWhichBrokerAndWhenItIsTriedAgain() async throws {
        let found = try await lines { bench, subscription in
            subscription.receiving.next(.failure(down), .failure(down))
            subscription.deliver([.scripted(1)])
            await bench.pass(.seconds(30))
        }
        let pauses = found.compactMap { line in line.firstMatch(of: /retrying in (\d+) ms/).flatMap { Int($0.1) } }
        #expect(pauses.count == 2 && (50...100).contains(pauses[0]) && (100...200).contains(pauses[1]), "\(found)")
        #expect(
            found.map { $0.replacing(/\d+ ms/, with: "… ms") } == [
                """
                warning: Receiving on broker 'events' for orders in group billing failed, retrying in … ms: connection: \
                could not read from 'orders': no connection to a:6379
                """,
                """
                warning: Receiving on broker 'events' for orders in group billing failed 2 times in a row, retrying in \
                … ms: connection: could not read from 'orders': no connection to a:6379
                """,
                "info: Receiving on broker 'events' for orders in group billing works again",
            ])
    }

    /// Nobody sees that stream, and requesters are told only when their time is over.
    @Test func theStreamOfRepliesThatCannotBeJoinedIsSaid() async throws {
        let lines = Journal<String>()
        let time = VirtualTime()
        let provider = ScriptedProvider(clock: time.clock)
        let bench = try EngineBench(.test(), time: time, provider: provider, logger: LineLog.logger(lines))
        bench.handle { _ in }
        try await bench.run {
            await bench.pass(.milliseconds(1))
            provider.subscribing.next(.failure(down))
            _ = try? await bench.registry.request(Message("a"), to: "orders", timeout: .seconds(1))
        }
        #expect(
            lines.all.filter { $0.contains("~replies") }.map {
                $0.replacing(/\d+ ms/, with: "… ms").replacing(/~replies:\S+/, with: "~replies:…")
            } == [
                """
                warning: Joining the group on broker 'events' for ~replies:… in group ~requester failed, retrying in … ms: \
                connection: could not read from 'orders': no connection to a:6379
                """,
                "info: Joining the group on broker 'events' for ~replies:… in group ~requester works again",
            ])
    }

    @Test func aHeartbeatThatFailsSaysWhenTheNextComes() async throws {
        let found = try await lines(handling: .seconds(20)) { bench, subscription in
            subscription.extending.next(.failure(down))
            subscription.deliver([.scripted(1)])
            await bench.pass(.seconds(11))
        }
        #expect(
            found.first == """
                warning: Extending leases on broker 'events' for orders in group billing failed, retrying in 2.5 s: \
                connection: could not read from 'orders': no connection to a:6379
                """)
    }

    @Test func aRefusedSettlementNamesTheMessage() async throws {
        let found = try await lines { bench, subscription in
            subscription.settling.next(.value([.refused(BrokerError(.server, "no room"))]))
            subscription.deliver([.scripted(1)])
            await bench.pass(.milliseconds(10))
        }
        #expect(
            found == [
                """
                error: A settlement was refused by broker 'events' and is sent again: orders 1-0 in group billing, \
                attempt 1: server: no room
                """
            ])
    }
}
