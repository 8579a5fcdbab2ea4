// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Testing

@Suite struct MessageIDTests {
    @Test func comparesAsNumbers() {
        #expect(MessageID(milliseconds: 9, sequence: 10) < MessageID(milliseconds: 10, sequence: 0))
        #expect(MessageID(milliseconds: 9, sequence: 9) < MessageID(milliseconds: 9, sequence: 10))
        #expect(MessageID.zero < MessageID.maximum)
    }

    @Test(arguments: ["0-1", "1700000000000-0", "18446744073709551615-18446744073709551615"])
    func isReadAsItIsWritten(text: String) {
        #expect(MessageID(text)?.description == text)
    }

    @Test(arguments: ["", "-", "1-", "-1", "a-1", "1-b", "1-2-3", "+1-2", "18446744073709551616-0", "1 -2"])
    func nothingElseIsAnID(text: String) {
        #expect(MessageID(text) == nil)
    }

    @Test func aTimeAloneBeginsItsMillisecond() {
        #expect(MessageID("1700") == MessageID(milliseconds: 1700, sequence: 0))
    }

    @Test func theNextIsTheLeastThatIsGreater() {
        #expect(MessageID(milliseconds: 1, sequence: .max).next == MessageID(milliseconds: 2, sequence: 0))
        #expect(MessageID(milliseconds: 1, sequence: 1).next == MessageID(milliseconds: 1, sequence: 2))
        #expect(MessageID.maximum.next == nil)
    }
}

@Suite struct StreamNameTests {
    @Test func deadLettersShareTheHashTag() {
        #expect(StreamName("orders").deadLetters == "{orders}:dead")
        #expect(StreamName("eu:{orders}:new").deadLetters == "eu:{orders}:new:dead")
    }

    @Test(arguments: [
        ("agent.*", "agent.7", true), ("agent.*", "agent.", true), ("agent.*", "agents", false),
        ("*", "anything", true), ("a*b*c", "a-b-b-c", true), ("a*b*c", "a-c-b", false), ("**", "", true),
        ("*.in", "x.in.in", true), ("a*", "b", false), ("*", "{orders}:dead", false), ("*:dead", "{orders}:dead", true),
    ])
    func aStarStandsForAnyNumberOfCharacters(pattern: String, name: String, matches: Bool) {
        #expect(StreamPattern(pattern).matches(StreamName(name)) == matches)
    }

    @Test func aLongNameAgainstManyStarsEndsSoon() {
        let pattern = StreamPattern(String(repeating: "*a", count: 60) + "b")
        #expect(!pattern.matches(StreamName(String(repeating: "a", count: 128))))
    }
}

@Suite struct ReceiptTests {
    @Test func comparesByIDEpochAndTokenInThatOrder() {
        func receipt(_ id: UInt64, _ epoch: UInt64, _ token: UInt64) -> Receipt {
            Receipt(stream: "s", id: MessageID(milliseconds: id, sequence: 0), epoch: epoch, token: token)
        }
        #expect(receipt(1, 9, 9) < receipt(2, 1, 1))
        #expect(receipt(1, 1, 9) < receipt(1, 2, 1))
        #expect(receipt(1, 1, 1) < receipt(1, 1, 2))
    }

    @Test func aSuspectIsWhatExpiredDuringItsSecondOrALaterAttempt() {
        func inbound(_ attempt: Int, _ origin: InboundMessage.Origin) -> InboundMessage {
            InboundMessage(
                receipt: Receipt(stream: "s", id: .zero, epoch: 0, token: 0), message: Message("x"),
                attempt: attempt, origin: origin)
        }
        #expect(!inbound(2, .expired).isSuspect)
        #expect(inbound(3, .expired).isSuspect)
        #expect(!inbound(3, .retry).isSuspect)
        #expect(!inbound(1, .new).isSuspect)
    }
}

@Suite struct DeadLetterNoteTests {
    @Test func aLongErrorIsCutAtACharacter() {
        let note = DeadLetterNote(reason: .attempts, error: String(repeating: "é", count: 2000), attempts: 5)
        #expect(note.error.utf8.count == DeadLetterNote.maximumErrorBytes)
        #expect(note.error.allSatisfy { $0 == "é" })
    }
}
