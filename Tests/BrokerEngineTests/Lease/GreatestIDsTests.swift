// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import Testing

/// Which ids are greater than all that came before.
@Suite struct GreatestIDsTests {
    private func id(_ number: UInt64) -> MessageID { MessageID(milliseconds: number, sequence: 0) }

    @Test func onlyAGreaterIDIsGreatest() {
        var ids = GreatestIDs()
        let numbers: [UInt64] = [5, 5, 4, 6, 5, 7]
        #expect(numbers.map { ids.advance(to: id($0), in: "orders") } == [true, false, false, true, false, true])
    }

    @Test func eachStreamHasItsOwn() {
        var ids = GreatestIDs()
        let calls: [(StreamName, UInt64)] = [("a", 9), ("b", 3), ("a", 8), ("b", 4), ("a", 10), ("b", 4), ("c", 1)]
        #expect(
            calls.map { ids.advance(to: id($0.1), in: $0.0) } == [true, true, false, true, true, false, true])
    }

    @Test func forgottenStreamsAreNeverTakenForNew() {
        var ids = GreatestIDs()
        _ = ids.advance(to: id(1000), in: "first")
        for number in 0...GreatestIDs.most { _ = ids.advance(to: id(10), in: StreamName("s\(number)")) }
        let calls: [(StreamName, UInt64)] = [("first", 1000), ("never seen", 999), ("never seen", 1001)]
        #expect(calls.map { ids.advance(to: id($0.1), in: $0.0) } == [false, false, true])
    }
}
