// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import Testing

/// Names that do not fit into keys are errors of the configuration.
@Suite struct KeyCheckTests {
    private func problems(_ streams: String, prefix: String? = nil, defaults: String = "{}") -> [String] {
        let options = [OptionsFixture.url, prefix.map { "prefix: '\($0)'" }].compactMap { $0 }.joined(separator: "\n")
        return OptionsFixture.problems(options, streams: streams, defaults: defaults)
    }

    @Test(arguments: [
        "{ orders: { dead-letter: { stream: '{orders}:failures' } } }",
        "{ '{shop}.orders': { dead-letter: { stream: '{shop}.failures' } } }",
        "{ orders: { dead-letter: { enabled: false } } }",
        "{ orders: { groups: { billing: { dead-letter: { stream: '{orders}:billing-failures' } } } } }",
        "{ '{shop}.*': { dead-letter: { stream: '{shop}:failures' } } }",
        "{ 'agent.*': {}, stream: {}, Streams: {} }",
    ])
    func whatSharesASlotIsTaken(_ streams: String) {
        #expect(problems(streams) == [])
        #expect(problems(streams, prefix: "app:") == [])
    }

    @Test func aDeadLetterStreamInAnotherSlotIsRefusedWithAName() {
        #expect(
            problems("{ orders: { dead-letter: { stream: failures } } }") == [
                "7:45: error: dead letters of 'orders' cannot go to 'failures': both must lie in one cluster slot; "
                    + "write '{orders}:failures'"
            ])
        #expect(
            problems("{ orders: { groups: { billing: { dead-letter: { stream: '{x}:lost' } } } } }") == [
                "7:66: error: dead letters of 'orders' cannot go to '{x}:lost': both must lie in one cluster slot; "
                    + "write '{orders}:lost'"
            ])
        #expect(
            problems("{ orders: {}, 'orders.{eu}': {} }", defaults: "{ dead-letter: { stream: '{orders}:dead' } }") == [
                "6:36: error: dead letters of 'orders.{eu}' cannot go to '{orders}:dead': both must lie in one cluster "
                    + "slot; write '{eu}:dead'"
            ])
    }

    @Test func aSuggestedNameIsAsVisibleAsTheOneThatWasWritten() {
        let texts = problems(#"{ orders: { dead-letter: { stream: "a\u202Eb" } } }"#)
        #expect(texts.contains { $0.hasSuffix(#"write '{orders}:a\u{202e}b'"#) }, "\(texts)")
        #expect(texts.allSatisfy { $0.unicodeScalars.allSatisfy(\.isPlainlyVisible) })
    }

    @Test func aPatternHasDeadLettersOfEachStream() {
        #expect(
            problems("{ 'agent.*': { dead-letter: { stream: failures } } }") == [
                "7:48: error: dead letters of 'agent.*' cannot go to 'failures': its streams lie in different cluster "
                    + "slots; leave it out, each has dead letters of its own"
            ])
    }

    @Test func noNameIsThatOfTheSetOfStreams() {
        #expect(problems("{ streams: { dead-letter: { stream: '{streams}:lost' } } }").isEmpty)
        #expect(problems("{ streams: {} }", prefix: "app:").isEmpty)
        #expect(
            problems("{ ~streams: {} }") == [
                "7:12: error: the stream name '~streams' has '~'; streams are named with letters, digits, '.', '_', '-', "
                    + "':'"
            ])
    }

    @Test func theDefaultsOfDeadLettersAreNotForStreamsThatHoldThem() {
        let streams =
            "{ '{shop}:orders': {}, '{shop}:failures': {}, '{tea}': { dead-letter: { enabled: false } }, '{tea}:dead': {} }"
        #expect(problems(streams, defaults: "{ dead-letter: { stream: '{shop}:failures' } }").isEmpty)
    }

    @Test func namesOfKeysBesideAStreamAreReserved() {
        for ending in [":due", ":floor", ":sweep", ":dead"] {
            #expect(problems("{ 'orders\(ending)': {} }").count == 1, "\(ending)")
        }
        #expect(problems("{ orders: {}, '{orders}': {} }").count == 1)
    }
}
