// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import Testing

@Suite struct CompanyTests {
    private let consumer = ConsumerIdentity(
        broker: "events", selection: .stream("orders"), group: "billing", consumer: "one")
    private let start = Instant(nanoseconds: 0)

    @Test func aNewcomerIsNamedOnceForEachAppearance() {
        var company = Company()
        company.watch([consumer], at: start)
        #expect(company.meet(["one"], besides: consumer) == [])
        #expect(company.meet(["one", "two"], besides: consumer) == ["two"])
        #expect(company.meet(["two", "three"], besides: consumer) == ["three"])
        #expect(company.meet(["one"], besides: consumer) == [])
        #expect(company.meet(["two"], besides: consumer) == ["two"])
    }

    @Test func whoWasOfThisProcessIsNoStranger() {
        var company = Company()
        company.watch([consumer], at: start)
        var successor = consumer
        successor.consumer = "two"
        company.watch([successor], at: start + .seconds(5))
        #expect(company.meet(["one", "two"], besides: successor) == [])
    }

    @Test func whoWasOfThisProcessLongAgoIsForgotten() {
        var company = Company()
        company.watch([consumer], at: start)
        var successor = consumer
        successor.consumer = "two"
        company.watch([successor], at: start + (Company.memory - .seconds(1)))
        #expect(company.meet(["one", "two"], besides: successor) == [])
        company.watch([successor], at: start + Company.memory)
        #expect(company.meet(["one", "two"], besides: successor) == ["one"])
    }

    @Test func theAgeCountsFromTheFirstLook() {
        var company = Company()
        company.watch([consumer], at: start)
        company.watch([consumer], at: start + .seconds(5))
        #expect(company.age(of: consumer, at: start + .seconds(7)) == .seconds(7))
    }
}
