// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import BrokerCore
import BrokerEngine
import StreamBroker

/// What the program does. All but the last few consume `work` as the group `workers`, which has 20 messages.
enum Behaviour: String {
    /// Handlers that return at once.
    case quick
    /// Handlers that take 300 ms.
    case brief
    /// Handlers that take a second.
    case slow
    /// Handlers that wait until they are cancelled.
    case patient
    /// Handlers that block their thread and ignore cancellation.
    case deaf
    /// Handlers that keep a core busy for ever.
    case spin
    /// Handlers that log on stderr; the last message ends the program.
    case loud
    /// Handlers that call `exit` with 3.
    case exiting
    /// Hundreds of handlers that block their threads until twelve seconds are over, and log on stderr.
    case jammed
    /// No messages.
    case idle
    /// Two handlers that do not fit the configuration, and two for one group.
    case misfit
    /// `register` throws an error with a secret in it.
    case throwing
    /// `register` throws an error with a description.
    case describing
    /// `register` throws an error with a localized description.
    case localizing
    /// `register` publishes to a stream that is not declared.
    case misdirected
    /// `register` goes on until it is cancelled.
    case registering
    /// `register` ignores its cancellation.
    case stubborn
    /// No messages, and an observer that blocks its thread when it is told of the drain.
    case unheard
    /// `register` drains before anything runs.
    case drained
    /// `register` puts the dead letters of `workers` back.
    case replaying

    /// Where the framework and the handlers log.
    var logger: Logger { self == .loud || self == .jammed ? Logger(label: "loud") : Speech.silentLogger }

    func register(on registry: BrokerRegistry) async throws {
        switch self {
        case .quick, .brief, .slow, .patient, .deaf, .spin, .loud, .jammed, .exiting: try await work(on: registry)
        case .idle, .unheard: handle(on: registry)
        case .misfit: Misfits.register(on: registry)
        case .throwing: throw Refusal(secret: "s3cr3t")
        case .describing: throw DescribedError()
        case .localizing: throw LocalizedFailure()
        case .misdirected: try await registry.publish(Message("lost"), to: "wrok")
        case .registering: try await prepareForEver()
        case .stubborn: refuseToEnd()
        case .replaying: _ = try await registry.broker(of: "work").replayDeadLetters(of: "work", for: "workers")
        case .drained:
            try await work(on: registry)
            registry.drain()
        }
        Speech.say("ready")
    }

    private func work(on registry: BrokerRegistry) async throws {
        handle(on: registry)
        for number in 1...(self == .jammed ? 500 : 20) {
            try await registry.publish(Message(Array("\(number)".utf8)), to: "work")
        }
    }

    private func handle(on registry: BrokerRegistry) {
        registry.handle("work", group: "workers") { delivery in
            Speech.say("begin \(delivery.message.payload.string)")
            try await act(delivery.logger)
            Speech.say("end \(delivery.message.payload.string)")
            if self == .loud, delivery.message.payload.string == "20" { registry.drain() }
        }
    }

    private func act(_ logger: Logger) async throws {
        switch self {
        case .brief: try await Task.sleep(for: .milliseconds(300))
        case .slow: try await Task.sleep(for: .seconds(1))
        case .patient: try await Task.sleep(for: .seconds(3600))
        case .deaf: Speech.blockForEver()
        case .jammed: Speech.block(until: Self.jamEnd)
        case .spin: spin()
        case .exiting: exit(3)
        case .loud: logger.warning("a long line", metadata: ["text": "\(String(repeating: "x", count: 10_000))"])
        default: return
        }
    }

    private static let jamEnd = EngineThread.shared.now + .seconds(12)

    private func spin() {
        while true { continue }
    }

    private func prepareForEver() async throws {
        Speech.say("registering")
        try await Task.sleep(for: .seconds(3600))
    }

    private func refuseToEnd() {
        Speech.say("registering")
        Speech.blockForEver()
    }
}

/// Never returns from hearing of the drain.
struct BlockedObserver: BrokerObserver {
    func observe(_ event: BrokerEvent) {
        if case .draining = event { Speech.blockForEver() }
    }
}

/// An error that says more than a log may have.
struct Refusal: Error {
    let secret: String
}

struct DescribedError: Error, CustomStringConvertible {
    var description: String { "the price list is empty" }
}

struct LocalizedFailure: LocalizedError {
    var errorDescription: String? { "The price list is empty." }
}
