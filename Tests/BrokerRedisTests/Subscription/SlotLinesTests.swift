// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import BrokerTestKit
import Logging
import RedisWire
import Synchronization
import Testing

@Suite struct SlotLinesTests {
    private static let keys = RedisKeys(prefix: "")

    private static func table(_ streams: StreamName...) -> MembershipTable {
        MembershipTable(streams.map { Membership($0, group: "crew", keys: keys, epoch: 1) })
    }

    /// Lines to a port at which nobody listens.
    private static func lines(log: ClosedLines) throws -> SlotLines {
        let options = RedisOptions(url: try RedisURL("redis://127.0.0.1:1"))
        let router = try RedisRouter(options, logger: Logger(label: "lines"))
        return SlotLines(first: nil) { key in
            .init(
                number: log.next(),
                line: ReadLine(for: .key(key), key: key, router: router, commands: router))
        } close: {
            log.close($0)
        }
    }

    /// Of many streams some are read less often than others. Their connections stay.
    @Test func aStreamThatIsNotReadNowKeepsItsLine() async throws {
        let (log, memberships) = (ClosedLines(), Self.table("a", "b", "c"))
        let lines = try Self.lines(log: log)
        let now = ManualClock().now
        _ = await lines.lines(for: ReadPlan.bySlot([0, 1, 2], of: memberships), of: memberships, at: now)
        _ = await lines.lines(for: ReadPlan.bySlot([1], of: memberships), of: memberships, at: now)
        #expect(log.made == 3)
        #expect(log.closed == [])
    }

    @Test func aStreamThatIsGoneLosesItsLine() async throws {
        let (log, memberships) = (ClosedLines(), Self.table("a", "b"))
        let lines = try Self.lines(log: log)
        let now = ManualClock().now
        _ = await lines.lines(for: ReadPlan.bySlot([0, 1], of: memberships), of: memberships, at: now)
        let rest = Self.table("b")
        _ = await lines.lines(for: ReadPlan.bySlot([0], of: rest), of: rest, at: now)
        #expect(log.closed == [1])
        await lines.closeAll()
        #expect(log.closed == [1, 2])
    }
}

/// Counts the lines that were made and closed.
private final class ClosedLines: Sendable {
    private let state = Mutex((made: 0, closed: [Int]()))

    var made: Int { state.withLock { $0.made } }
    var closed: [Int] { state.withLock { $0.closed } }

    func next() -> Int {
        state.withLock { state in
            state.made += 1
            return state.made
        }
    }

    func close(_ number: Int) {
        state.withLock { $0.closed.append(number) }
    }
}
