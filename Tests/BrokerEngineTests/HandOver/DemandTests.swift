// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerTestKit
import Testing

@Suite struct DemandTests {
    private func demand(
        _ capacity: Int, held: Int, settling: Int = 0, isStarving: Bool = false, behind: Int = 0, of bytes: Int = 0
    ) -> Demand {
        var queue = LaneQueue(ordering: .key, backlog: BacklogLimits(messages: 100, bytes: 1000))
        let body = Payload([UInt8](repeating: 0, count: bytes))
        for number in 0..<UInt64(behind + 1) {
            let message = InboundMessage.scripted(number + 1, payload: body, key: "a")
            queue.push([Held(message)])
        }
        return Demand(
            capacity: capacity, held: held, settling: settling,
            lanes: LaneSupply(isStarving: isStarving, backlog: queue.backlog))
    }

    @Test func asksWhenHalfOfASmallRoomIsFree() {
        #expect(!demand(80, held: 41).isWorthAsking)
        #expect(demand(80, held: 40).isWorthAsking)
    }

    @Test func asksWhenAQuarterOfALargeRoomIsFreeButNotForAHandful() {
        #expect(!demand(999, held: 750).isWorthAsking)
        #expect(demand(999, held: 749).isWorthAsking)
        #expect(!demand(199, held: 136).isWorthAsking)
        #expect(demand(199, held: 135).isWorthAsking)
    }

    @Test func whatAFlushSettlesTakesNoRoomUpToHalfOfAllRoom() {
        #expect(demand(80, held: 80, settling: 30).free == 30)
        #expect(demand(80, held: 80, settling: 80).free == 40)
        #expect(demand(1, held: 1, settling: 1, isStarving: true).free == 0)
    }

    @Test func asksForAnyRoomWhileALaneIsIdle() {
        #expect(demand(80, held: 79, isStarving: true).isWorthAsking)
        #expect(!demand(80, held: 80, isStarving: true).isWorthAsking)
    }

    @Test func asksForNoMoreThanThereIsRoomFor() {
        #expect(demand(80, held: 30).free == 50)
        #expect(demand(80, held: 90).free == 0)
    }

    @Test func oneSeatIsAskedForWhenItIsFree() {
        #expect(demand(1, held: 0).isWorthAsking)
        #expect(demand(1, held: 0, isStarving: true, behind: 101).isWorthAsking)
        #expect(!demand(1, held: 1, isStarving: true).isWorthAsking)
    }

    @Test func whatIsBehindKeysTakesNoRoomWhileALaneIsIdle() {
        #expect(demand(80, held: 90, isStarving: true, behind: 80).free == 70)
        #expect(demand(80, held: 90, behind: 80).free == 0)
    }

    @Test func beyondItsLimitWhatIsBehindKeysTakesRoomAndAnEighthIsWorthARead() {
        #expect(demand(80, held: 100, isStarving: true, behind: 100).free == 80)
        #expect(demand(80, held: 172, isStarving: true, behind: 171).free == 8)
        #expect(!demand(80, held: 172, isStarving: true, behind: 171).isWorthAsking)
        #expect(demand(80, held: 170, isStarving: true, behind: 169).isWorthAsking)
    }

    @Test func largeBodiesBehindKeysTakeRoom() {
        #expect(demand(80, held: 20, isStarving: true, behind: 20, of: 50).taken == 0)
        #expect(demand(80, held: 20, isStarving: true, behind: 20, of: 100).taken == 10)
        #expect(demand(80, held: 1, isStarving: true, behind: 1, of: 5000).taken == 1)
    }
}
