// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import Testing

@Suite struct LogPaceTests {
    private let consumer = ConsumerIdentity(
        broker: "events", selection: .stream("orders"), group: "billing", consumer: "a")

    private func at(_ milliseconds: Int) -> Instant { Instant(nanoseconds: Int64(milliseconds) * 1_000_000) }

    @Test func anOutageIsToldEverMoreRarely() {
        var pace = LogPace()
        let told = (1...100).filter { count in
            pace.fail(.receive, of: consumer, consecutive: count, now: at(count * 10)) != nil
        }
        let isEndTold = pace.recover(.receive, of: consumer, now: at(2000))
        #expect(told == [1, 2, 4, 8, 16, 32, 64])
        #expect(isEndTold)
    }

    @Test func aCallThatFailsAndWorksInTurnsIsToldEveryTwoSeconds() {
        var pace = LogPace()
        let lines = (0..<50).flatMap { outage(at: $0 * 200, &pace) }
        #expect(lines.count == 10)
    }

    @Test func whatWasLeftUnsaidIsCountedWithTheNextLine() {
        var pace = LogPace()
        #expect(outage(at: 0, &pace) == ["failed", "works again"])
        for time in [200, 400, 600] { #expect(outage(at: time, &pace) == []) }
        #expect(outage(at: 2100, &pace) == ["failed, 3 unsaid", "works again"])
    }

    @Test func anOutageThatBeganUnsaidIsToldWhenItLasts() {
        var pace = LogPace()
        _ = outage(at: 0, &pace)
        let unsaid = [500, 1500, 2500].enumerated().map { count, time in
            pace.fail(.receive, of: consumer, consecutive: count + 1, now: at(time))
        }
        let isEndTold = pace.recover(.receive, of: consumer, now: at(2600))
        #expect(unsaid == [nil, nil, 0])
        #expect(isEndTold)
    }

    @Test func consumersThatHaveComeAndGoneAreForgotten() {
        var pace = LogPace()
        for hour in 0..<20 {
            for number in 0..<50 {
                let visitor = ConsumerIdentity(
                    broker: "events", selection: .stream("orders"), group: "billing",
                    consumer: ConsumerName("\(hour) \(number)"))
                _ = pace.fail(.receive, of: visitor, consecutive: 1, now: at(hour * 3_700_000))
            }
        }
        #expect(pace.count <= 100)
    }

    @Test func callsDoNotSilenceEachOther() {
        var pace = LogPace()
        let calls: [ProviderCall] = [.receive, .settle]
        #expect(calls.map { pace.fail($0, of: consumer, consecutive: 1, now: at(0)) } == [0, 0])
    }

    /// The lines about one failure and its end, a tenth of a second later.
    private func outage(at time: Int, _ pace: inout LogPace) -> [String] {
        var lines: [String] = []
        if let unsaid = pace.fail(.receive, of: consumer, consecutive: 1, now: at(time)) {
            lines.append(unsaid > 0 ? "failed, \(unsaid) unsaid" : "failed")
        }
        if pace.recover(.receive, of: consumer, now: at(time + 100)) { lines.append("works again") }
        return lines
    }
}
