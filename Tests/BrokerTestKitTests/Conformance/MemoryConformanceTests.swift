// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerMemory
import BrokerTestKit
import Testing

/// The in-memory provider keeps every promise of the seam, on virtual time.
@Suite struct MemoryConformanceTests {
    @Test(arguments: ConformanceCheck.all.map(\.name))
    func keeps(_ promise: String) async throws {
        let checks = ConformanceCheck.all.filter { $0.name == promise }
        let report = await ConformanceSuite.run(.memory, checks: checks)
        try report.verify(skips: [])
        #expect(report.passed == [promise])
    }

    @Test func theReportIsTheSameInEveryRun() async throws {
        let reports = [await ConformanceSuite.run(.memory), await ConformanceSuite.run(.memory)]
        #expect(reports[0].description == reports[1].description)
        print(reports[0])
    }
}

extension ConformanceSubject {
    static let memory = ConformanceSubject("memory") {
        let time = VirtualTime()
        return ConformanceBackend(time: .virtual(time), provider: MemoryProvider(clock: time.clock))
    }
}
