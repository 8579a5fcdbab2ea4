// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerTestKit
import Synchronization
import Testing

@Suite struct ConformanceReportTests {
    private let kept = ConformanceCheck("it works") { _ in }
    private let broken = ConformanceCheck("it fails") { _ in throw ConformanceFailure("no", file: "A.swift", line: 7) }
    private let needy = ConformanceCheck("it needs more", needs: .patterns, abilities: .purging) { _ in }

    private func report(_ checks: ConformanceCheck...) async -> ConformanceReport {
        let subject = ConformanceSubject("scripted") {
            ConformanceBackend(time: .virtual(VirtualTime()), provider: ScriptedProvider(capabilities: .ordered))
        }
        return await ConformanceSuite.run(subject, checks: checks)
    }

    @Test func printsAMatrixWithItsSkips() async {
        let text = await report(kept, broken, needy).description
        #expect(
            text == """
                scripted: 1 kept, 1 broken, 1 skipped
                  kept     it works
                  BROKEN   it fails
                           no (A.swift:7)
                  skipped  it needs more: needs patterns
                """)
    }

    @Test func aSkipMustBeListed() async throws {
        let report = await report(kept, needy)
        #expect(throws: ConformanceFailure.self) { try report.verify(skips: []) }
        try report.verify(skips: ["it needs more"])
    }

    @Test func aListedSkipMustHappen() async {
        let report = await report(kept)
        #expect(throws: ConformanceFailure.self) { try report.verify(skips: ["it works"]) }
    }

    @Test func aMissingAbilityIsNamed() async {
        let needy = ConformanceCheck("it counts", abilities: [.statistics, .history]) { _ in }
        let report = await report(needy)
        #expect(report.skipped.map(\.reason) == ["needs HistoryReading, StatisticsReporting"])
    }

    @Test func anyOtherErrorIsAFailure() async {
        let odd = ConformanceCheck("it throws") { _ in throw BrokerError(.server, "odd") }
        #expect(await report(odd).failed.map(\.check) == ["it throws"])
    }

    /// No machine keeps time to the nanosecond, so that each failure counts for nothing until there have been five.
    @Test(arguments: [0, 1, 2, 4, 5, 9]) func runsThatCountForNothingAreNamed(_ failures: Int) async throws {
        let left = Mutex(failures)
        let check = ConformanceCheck("it works at last") { bench in
            // A few beats of the metronome.
            await bench.time.pass(.milliseconds(30))
            let fails = left.withLock { left in
                left -= 1
                return left >= 0
            }
            if fails { throw ConformanceFailure("too late", file: "A.swift", line: 7) }
        }
        let subject = ConformanceSubject("busy") {
            let time = TimeControl.real(visibility: .seconds(1), tolerance: .nanoseconds(4), limit: .seconds(60))
            return ConformanceBackend(time: time, provider: ScriptedProvider(capabilities: .ordered))
        }
        let report = await ConformanceSuite.run(subject, checks: [check])
        #expect(report.repeated.flatMap(\.failures).count == min(failures, 4))
        #expect(report.passed.isEmpty == (failures > 4))
        let lines = report.description.split(separator: "\n")
        #expect(
            lines.count { $0.hasPrefix("  again    it works at last: too late; the machine was late by ") }
                == min(failures, 4))
        #expect(lines[0].hasSuffix(", \(min(failures, 4)) run again") == (failures > 0))
    }

    @Test func everyCheckHasANameOfItsOwn() {
        let names = ConformanceCheck.all.map(\.name)
        #expect(Set(names).count == names.count)
    }
}
