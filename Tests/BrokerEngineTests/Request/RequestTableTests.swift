// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import Testing

@Suite struct RequestTableTests {
    private func begin(_ table: inout RequestTable) throws -> String {
        try #require(table.begin(WakeSignal()) { "one-\($0)" }).id
    }

    @Test func onlyTheFirstRequestOpensTheStream() throws {
        var table = RequestTable()
        var firsts: [Bool] = []
        for _ in 0..<2 { firsts.append(try #require(table.begin(WakeSignal()) { "\($0)" }).isFirst) }
        #expect(table.phase == .called)
        table.join()
        #expect(table.open().count == 2)
        firsts.append(try #require(table.begin(WakeSignal()) { "\($0)" }).isFirst)
        #expect(firsts == [true, false, false])
    }

    @Test func anAnswerIsTakenOnce() throws {
        var table = RequestTable()
        let id = try begin(&table)
        table.join()
        _ = table.open()
        #expect(table.reply(to: id, with: Message("yes")) != nil)
        #expect(table.reply(to: id, with: Message("again")) == nil)
        guard case .replied(let message) = table.look(id) else { return #expect(Bool(false), "there is a reply") }
        #expect(message.payload == "yes")
        #expect(table.reply(to: id, with: Message("late")) == nil)
        #expect(table.count == 0)
    }

    @Test func whoGaveUpGetsNoAnswer() throws {
        var table = RequestTable()
        let id = try begin(&table)
        #expect(table.withdraw(id) == false)
        #expect(table.reply(to: id, with: Message("late")) == nil)
    }

    /// Between its last look and its leaving no answer can be taken for it that it never sees.
    @Test func whoLooksForTheLastTimeHasLeft() throws {
        var table = RequestTable()
        let id = try begin(&table)
        table.join()
        _ = table.open()
        guard case .waiting = table.look(id, isLast: true) else { return #expect(Bool(false), "there is no answer") }
        #expect(table.reply(to: id, with: Message("late")) == nil)
        #expect(table.count == 0)
    }

    @Test func whoLooksForTheLastTimeTakesTheAnswerThatIsThere() throws {
        var table = RequestTable()
        let id = try begin(&table)
        _ = table.reply(to: id, with: Message("just in time"))
        guard case .replied = table.look(id, isLast: true) else { return #expect(Bool(false), "there is a reply") }
        #expect(table.withdraw(id) == false)
    }

    @Test func whoLeavesAnAnswerBehindIsTold() throws {
        var table = RequestTable()
        let id = try begin(&table)
        _ = table.reply(to: id, with: Message("for nobody"))
        #expect(table.withdraw(id) == true)
    }

    @Test func anAnswerThatCameBeforeTheEndIsStillTaken() throws {
        var table = RequestTable()
        let (answered, open) = (try begin(&table), try begin(&table))
        table.join()
        _ = table.open()
        _ = table.reply(to: answered, with: Message("yes"))
        #expect(table.end().count == 2)
        guard case .replied = table.look(answered) else { return #expect(Bool(false), "the reply was there") }
        guard case .ended = table.look(open) else { return #expect(Bool(false), "nothing comes any more") }
        #expect(table.count == 0)
    }

    @Test func theListIsBounded() throws {
        var table = RequestTable()
        for _ in 0..<RequestTable.maximumWaiting { _ = try begin(&table) }
        #expect(table.begin(WakeSignal()) { "\($0)" } == nil)
    }
}
