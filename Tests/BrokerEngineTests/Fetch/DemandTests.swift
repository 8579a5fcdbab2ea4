// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import Testing

@Suite struct DemandTests {
    @Test func asksWhenHalfOfAllRoomIsFree() {
        #expect(!Demand(capacity: 80, taken: 41).isWorthAsking(isStarving: false))
        #expect(Demand(capacity: 80, taken: 40).isWorthAsking(isStarving: false))
    }

    @Test func asksForAnyRoomWhileALaneIsIdle() {
        #expect(Demand(capacity: 80, taken: 79).isWorthAsking(isStarving: true))
        #expect(!Demand(capacity: 80, taken: 80).isWorthAsking(isStarving: true))
    }

    @Test func asksForNoMoreThanThereIsRoomFor() {
        #expect(Demand(capacity: 80, taken: 30).free == 50)
        #expect(Demand(capacity: 80, taken: 90).free == 0)
    }

    @Test func oneSeatIsAskedForWhenItIsFree() {
        #expect(Demand(capacity: 1, taken: 0).isWorthAsking(isStarving: false))
        #expect(!Demand(capacity: 1, taken: 1).isWorthAsking(isStarving: true))
    }
}
