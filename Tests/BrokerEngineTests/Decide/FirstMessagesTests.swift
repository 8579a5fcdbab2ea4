// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import Testing

@Suite struct FirstMessagesTests {
    private func receipt(_ number: UInt64, in stream: StreamName = "orders") -> Receipt {
        Receipt(stream: stream, id: MessageID(milliseconds: number, sequence: 0), epoch: 1, token: 1)
    }

    private func word(_ action: FirstMessages.Action) -> String {
        switch action {
        case .decide: "decide"
        case .keep(let isFirstTime): isFirstTime ? "keep" : "keep again"
        case .keepAndStop: "stop"
        }
    }

    /// What is done about messages with these ids, one after another.
    private func answers(_ messages: inout FirstMessages, _ ids: ClosedRange<UInt64>) -> [String] {
        ids.map { word(messages.failed(receipt($0))) }
    }

    @Test func aGroupThatIsNotNewDecidesAsAlways() {
        var messages = FirstMessages(isNew: false)
        let answers = answers(&messages, 1...20)
        #expect(Set(answers) == ["decide"])
        let isProof = messages.handled()
        #expect(!isProof)
    }

    @Test func theTenthMessageStopsANewGroup() {
        var messages = FirstMessages(isNew: true)
        let first = answers(&messages, 1...12)
        #expect(first == Array(repeating: "keep", count: 9) + ["stop", "keep again", "keep again"])
        let isProof = messages.handled()
        #expect(!isProof, "what is handled after the stop changes nothing")
        let later = answers(&messages, 13...13)
        #expect(later == ["keep again"])
    }

    @Test func aMessageThatComesAgainCountsOnce() {
        var messages = FirstMessages(isNew: true)
        let (first, again) = (answers(&messages, 1...9), answers(&messages, 1...9))
        #expect(Set(first) == ["keep"] && Set(again) == ["keep again"])
        #expect(messages.count == 9)
        let other = messages.failed(receipt(1, in: "returns"))
        #expect(word(other) == "stop", "another stream, the same id")
    }

    @Test func oneMessageThatIsHandledProvesTheGroup() {
        var messages = FirstMessages(isNew: true)
        _ = answers(&messages, 1...9)
        let (isProof, isProofAgain) = (messages.handled(), messages.handled())
        #expect(isProof && !isProofAgain, "only the first one is news")
        let later = answers(&messages, 1...12)
        #expect(Set(later) == ["decide"])
    }
}
