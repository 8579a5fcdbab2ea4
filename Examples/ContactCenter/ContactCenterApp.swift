// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import ExampleSupport
import StreamBroker

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A contact center: inquiries come in by region, a classifier chooses a desk, the desk answers or asks a supervisor,
/// and whoever cares hears of every answer.
///
/// All stages run in one process, or each in one of its own. Each takes a message from one stream and puts its result
/// into another, in one step, so that a stage that is killed loses nothing and doubles nothing. A process that has both
/// ends of every conversation ends by itself; one that only publishes ends then; the others run until they are told.
@main struct ContactCenterApp {
    static func main() async {
        guard let arguments = Arguments(Array(CommandLine.arguments.dropFirst())) else {
            Terminal.printError(Arguments.usage)
            exit(EX_USAGE)
        }
        let finished = FinishLine()
        let ledger = Ledger { finished.cross() }
        await BrokerRegistry.main(
            besideSource("brokers.yaml"), observers: [ledger],
            register: { registry in
                if arguments.seesWholeConversations { finished.ends(registry) }
                for stage in arguments.stages { stage.register(on: registry, ledger) }
                guard arguments.stages.contains(.intake) else { return }
                ledger.began(try await publish(arguments.count, on: registry))
                if arguments.stages == [.intake] { registry.drain() }
            },
            whenDone: { registry in report(ledger.current, arguments, registry) })
    }

    /// Publishes inquiries, each in its region; returns the correlation ids that their conversations will have.
    private static func publish(_ count: Int, on registry: BrokerRegistry) async throws -> Set<String> {
        var conversations: Set<String> = []
        for (index, region) in Inquiry.regions.enumerated() {
            let numbers = stride(from: index, to: count, by: Inquiry.regions.count)
            let inquiries = try numbers.map { number in
                let inquiry = Inquiry.make(number: number + 1)
                return Message(try registry.encode(inquiry), key: inquiry.customer)
            }
            for result in await registry.publish(batch: inquiries, to: region) {
                conversations.insert("\(region)/\(try result.get().id)")
            }
        }
        return conversations
    }

    private static func report(_ counts: Ledger.Counts, _ arguments: Arguments, _ registry: BrokerRegistry) -> Int32 {
        guard arguments.seesWholeConversations else { return 0 }
        let provider = (try? registry.broker(of: "feedback").provider) ?? "unknown"
        let report = Report(counts: counts, provider: provider)
        Terminal.printError("\n\(report.table)")
        guard counts.isComplete else {
            let all = counts.conversations.count
            Terminal.printError("interrupted: \(counts.answered) of \(all) answered, the rest was handed back")
            return 0
        }
        Terminal.print(report.json)
        return counts.lost == 0 && counts.doubled == 0 ? 0 : 1
    }
}
