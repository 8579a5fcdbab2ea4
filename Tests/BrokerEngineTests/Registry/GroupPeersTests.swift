// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import Testing

@Suite struct GroupPeersTests {
    private let consumer = ConsumerIdentity(
        broker: "events", selection: .stream("orders"), group: "billing", consumer: "one")
    private let start = Instant(nanoseconds: 0)

    @Test func aNewcomerIsNamedOnceForEachAppearance() {
        var peers = GroupPeers()
        peers.watch([consumer], at: start)
        #expect(peers.meet(["one"], besides: consumer) == [])
        #expect(peers.meet(["one", "two"], besides: consumer) == ["two"])
        #expect(peers.meet(["two", "three"], besides: consumer) == ["three"])
        #expect(peers.meet(["one"], besides: consumer) == [])
        #expect(peers.meet(["two"], besides: consumer) == ["two"])
    }

    @Test func whoWasOfThisProcessIsNoStranger() {
        var peers = GroupPeers()
        peers.watch([consumer], at: start)
        var successor = consumer
        successor.consumer = "two"
        peers.watch([successor], at: start + .seconds(5))
        #expect(peers.meet(["one", "two"], besides: successor) == [])
    }

    @Test func whoWasOfThisProcessLongAgoIsForgotten() {
        var peers = GroupPeers()
        peers.watch([consumer], at: start)
        var successor = consumer
        successor.consumer = "two"
        peers.watch([successor], at: start + (GroupPeers.memory - .seconds(1)))
        #expect(peers.meet(["one", "two"], besides: successor) == [])
        peers.watch([successor], at: start + GroupPeers.memory)
        #expect(peers.meet(["one", "two"], besides: successor) == ["one"])
    }

    @Test func theAgeCountsFromTheFirstLook() {
        var peers = GroupPeers()
        peers.watch([consumer], at: start)
        peers.watch([consumer], at: start + .seconds(5))
        #expect(peers.age(of: consumer, at: start + .seconds(7)) == .seconds(7))
    }
}
