// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerOperations
import StreamBroker
import Testing

/// The form of reports, and the rules that judge what was counted.
@Suite struct ReportTests {
    private func report(_ json: String) throws -> GroupReport {
        try JSONMessageCodec().decode(GroupReport.self, from: Payload(json))
    }

    private func group(
        lag: String = "0", age: String = "null", consumers: String = "1", exists: Bool = true
    ) throws -> GroupReport {
        try report(
            """
            {"broker":"events","stream":"orders","group":"billing","lag":\(lag),"pending":0,"waitingForRetry":0,\
            "oldestPendingAgeMilliseconds":\(age),"consumers":\(consumers),"oldestHandlerMilliseconds":null,\
            "isDeclared":true,"exists":\(exists)}
            """)
    }

    @Test func whatIsUnknownIsWrittenAsNull() throws {
        let text = try JSONMessageCodec().encode(try group(lag: "null")).string
        #expect(text.contains("\"lag\":null"))
        #expect(try report(text) == group(lag: "null"))
    }

    @Test func aGroupThatNobodyReadsIsCritical() throws {
        let attention = AttentionRules.attention(to: try group(lag: "1", consumers: "0"))
        #expect(attention?.severity == .critical)
        #expect(attention?.message == "orders/billing has 1 entry to read, and no consumer")
        #expect(attention?.next == ["groups", "info", "orders", "billing"])
        #expect(AttentionRules.attention(to: try group(lag: "0", consumers: "0")) == nil)
        #expect(AttentionRules.attention(to: try group(lag: "1", consumers: "null")) == nil)
    }

    @Test func anEntryThatIsPendingForLongIsAWarning() throws {
        #expect(AttentionRules.attention(to: try group(age: "899999")) == nil)
        #expect(
            AttentionRules.attention(to: try group(age: "900000"))?.message
                == "orders/billing has an entry that has been pending for 15 min")
    }

    @Test func aTrendSaysWhenAGroupHasReadEverything() throws {
        let before = GroupsReport(groups: [try group(lag: "100")])
        let trend = LagTrend(since: before, elapsed: .seconds(2))
        #expect(trend.change(of: try group(lag: "60")) == -20)
        #expect(trend.drain(of: try group(lag: "60")) == 3000)
        #expect(trend.drain(of: try group(lag: "100")) == nil)
        #expect(trend.drain(of: try group(lag: "0")) == 0)
        #expect(LagTrend(since: nil, elapsed: .zero).change(of: try group(lag: "60")) == nil)
    }
}
