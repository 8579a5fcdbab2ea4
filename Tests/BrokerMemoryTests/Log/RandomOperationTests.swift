// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerMemory
import Testing

/// Random operations by three consumers of one group, held against what must always be true.
@Suite struct RandomOperationTests {
    @Test(arguments: 1...20) func nothingIsLostOrDoubledAndTokensRise(seed: UInt64) {
        var run = RandomRun(seed: seed)
        for _ in 0..<600 {
            run.step()
            #expect(run.isConserved)
        }
        run.finish()
        #expect(run.violations.isEmpty)
        #expect(run.acked.isDisjoint(with: run.buried))
        #expect(run.acked.union(run.buried) == run.published)
        #expect(run.scene.length(of: "{orders}:dead") ?? 0 == run.buried.count)
        #expect(run.scene.group()?.pending == 0)
    }
}

private struct RandomRun {
    var scene = LogScene()
    var published: Set<MessageID> = []
    var acked: Set<MessageID> = []
    var buried: Set<MessageID> = []
    var violations: [String] = []
    private var random: SplitMix
    private var subscriptions: [Int] = []
    private var held: [(subscription: Int, message: InboundMessage)] = []
    private var last: [MessageID: InboundMessage] = [:]
    private var releases: Set<Receipt> = []

    init(seed: UInt64) {
        random = SplitMix(state: seed)
        subscriptions = (0..<3).map { scene.join(ConsumerName("c\($0)"), visibility: .seconds(10 + 5 * $0)) }
    }

    /// Every published entry is pending, undelivered, acknowledged or buried, and only one of these.
    var isConserved: Bool {
        guard let group = scene.group(), let pending = group.pending, let lag = group.lag else { return true }
        return pending + lag + acked.count + buried.count == published.count
    }

    mutating func step() {
        switch Int.random(in: 0..<10, using: &random) {
        case 0, 1:
            published.formUnion(
                scene.publish((0..<Int.random(in: 1...9, using: &random)).map { Message(Payload("\($0)")) }))
        case 2, 3, 4: receive(Int.random(in: 1...12, using: &random), suspects: Int.random(in: 0...1, using: &random))
        case 5: scene.advance(.milliseconds(Int.random(in: 0...9000, using: &random)))
        case 6: extend()
        default: settle()
        }
    }

    /// Lets everything expire or become due until nothing is left, and acknowledges it.
    mutating func finish() {
        for _ in 0..<10_000 {
            guard let group = scene.group(), (group.pending ?? 0) + (group.lag ?? 0) > 0 else { return }
            scene.advance(.seconds(5))
            receive(50, suspects: 1)
            while let (subscription, message) = held.popLast() { carry(.ack, subscription, message) }
        }
    }

    private mutating func receive(_ limit: Int, suspects: Int) {
        let subscription = subscriptions[Int.random(in: 0..<3, using: &random)]
        let received = scene.receive(subscription, limit, suspects: suspects)
        if received.messages.count > limit { violations.append("more than asked for") }
        if received.messages.count(where: \.isSuspect) > suspects { violations.append("more suspects than allowed") }
        if !received.missing.isEmpty { violations.append("something is missing") }
        for message in received.messages { check(message, subscription) }
    }

    private mutating func check(_ message: InboundMessage, _ subscription: Int) {
        let id = message.receipt.id
        if acked.contains(id) || buried.contains(id) { violations.append("\(id) came after it was settled") }
        if let before = last[id] {
            if message.receipt <= before.receipt { violations.append("the token of \(id) fell") }
            let refunded = releases.contains(before.receipt) ? 0 : 1
            if message.attempt != before.attempt + refunded { violations.append("\(id) has a wrong attempt") }
        } else if message.attempt != 1 || message.origin != .new {
            violations.append("\(id) did not begin as new")
        }
        last[id] = message
        held.append((subscription, message))
    }

    private mutating func extend() {
        guard let (subscription, message) = held.randomElement(using: &random) else { return }
        if scene.extend(subscription, message) == "done", last[message.receipt.id]?.receipt != message.receipt {
            violations.append("an old lease was extended")
        }
    }

    private mutating func settle() {
        guard !held.isEmpty else { return }
        let (subscription, message) = held.remove(at: Int.random(in: held.indices, using: &random))
        let delay = Duration.milliseconds(Int.random(in: 0...20_000, using: &random))
        switch Int.random(in: 0..<8, using: &random) {
        case 0: carry(.retry(after: delay), subscription, message)
        case 1: carry(.release(after: delay), subscription, message)
        case 2: carry(.deadLetter(DeadLetterNote(reason: .attempts, error: "", attempts: 1)), subscription, message)
        case 3: break
        default: carry(.ack, subscription, message)
        }
    }

    private mutating func carry(_ action: Settlement.Action, _ subscription: Int, _ message: InboundMessage) {
        let id = message.receipt.id
        guard scene.settle(subscription, message, action) == "done" else { return }
        switch action {
        case .ack: acked.insert(id)
        case .deadLetter: buried.insert(id)
        case .release: releases.insert(message.receipt)
        default: break
        }
        if case .ack = action { return }
        if last[id]?.receipt != message.receipt { violations.append("an old lease of \(id) was settled") }
    }
}

/// A small generator whose numbers depend on its seed alone.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
