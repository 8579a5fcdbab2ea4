// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import StreamBroker

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A worker that the tests start, kill and start again; it consumes `work` as the group `crew`.
///
/// Its arguments are its configuration, its ledger, a file to which it appends a line for whatever happens, and its
/// ``Role``. What it does with a message is written in the message. It ends when its standard input does, so that no
/// worker outlives the program that started it.
@main struct CrashWorker {
    static func main() async {
        let arguments = CommandLine.arguments
        guard arguments.count >= 3, let ledger = Ledger(path: arguments[2]), let role = Role(arguments[3...]) else {
            exit(64)
        }
        Lifeline.hold()
        ledger.note("start")
        let logger = Logger(label: "worker", factory: { _ in LedgerLogHandler(ledger: ledger) })
        if case .served = role {
            await ServiceProgram.main(arguments[1], ledger, logger) { consume("work", $0, ledger) }
        }
        await BrokerRegistry.main(
            arguments[1], observers: [LedgerObserver(ledger: ledger)], logger: logger,
            register: { registry in
                switch role {
                case .consume(let isHasty): consume("work", registry, ledger, isHasty: isHasty)
                case .served: return
                case .wide: for stream in ["work", "side.*"] { consume(stream, registry, ledger) }
                case .publish(let words): await Publisher(words, registry, ledger)?.run()
                }
            },
            whenDone: { _ in
                ledger.note("stop")
                return 0
            })
    }

    private static func consume(
        _ stream: String, _ registry: BrokerRegistry, _ ledger: Ledger, isHasty: Bool = false
    ) {
        registry.handle(stream, group: "crew") { delivery in
            if isHasty { try delivery.ack() }
            try await handle(delivery, registry, ledger)
        }
    }

    private static func handle(_ delivery: Delivery, _ registry: BrokerRegistry, _ ledger: Ledger) async throws {
        let errand = Errand(delivery.message.payload.string)
        let name = Ledger.name(delivery.id, in: delivery.stream)
        ledger.note("begin", name, "\(delivery.attempt)", errand.number)
        do {
            if errand.instruction == .follow {
                try await Follower(registry, ledger).run(for: errand.duration)
            } else {
                try await errand.run(attempt: delivery.attempt)
            }
            if delivery.isRequest { try await delivery.reply(Message(Payload("re \(errand.number)"))) }
            ledger.note("end", name, "\(delivery.attempt)", errand.number)
        } catch {
            ledger.note("thrown", name, "\(delivery.attempt)", errand.number, "\(type(of: error))")
            throw error
        }
    }
}
