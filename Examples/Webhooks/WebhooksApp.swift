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

/// Webhooks are read as JSON lines, published each under a stream of its kind, and consumed together by one pattern.
///
/// The input is read to its end, then all of it is handled: the figures of the two are told apart. Webhooks of one
/// repository are handled in order, and the program watches whether they are. It ends by itself when every webhook is
/// accounted for: 0 when all went well, 65 when lines could not be published, 66 when there is no such file.
///
/// On a server that keeps its streams it counts the webhooks of this run alone. Only one run at a time: two would share
/// the work of the group, and neither would see all of its own webhooks.
@main struct WebhooksApp {
    static let group: GroupName = "tally"

    static func main() async {
        guard let input = Input(CommandLine.arguments.dropFirst()) else {
            Terminal.printError(Input.usage)
            exit(EX_USAGE)
        }
        guard let source = input.open() else {
            Terminal.printError("error: cannot read '\(input.name)'")
            exit(EX_NOINPUT)
        }
        let finished = FinishLine()
        let ledger = Ledger(group: group) { finished.cross() }
        await BrokerRegistry.main(
            besideSource("brokers.yaml"), middleware: [ledger], observers: [ledger],
            register: { registry in
                finished.ends(registry)
                registry.handle("github.*", group: group, as: Webhook.self) { webhook, delivery in
                    ledger.tell(webhook, delivery)
                }
                if input == .standardInput { Terminal.printError("reading standard input to its end") }
                try await Publisher(registry: registry, ledger: ledger, input: input.name).publish(source)
            },
            whenDone: { registry in report(ledger.current, registry) })
    }

    static func report(_ tally: Tally, _ registry: BrokerRegistry) -> Int32 {
        let provider = (try? registry.broker(of: Webhook.stream(of: "push")).provider) ?? "unknown"
        let report = Report(tally: tally, provider: provider)
        Terminal.printError(report.text)
        guard tally.isComplete else {
            Terminal.printError(
                "interrupted: \(tally.handled) of \(tally.published) handled, the rest was handed back")
            return tally.badLines == 0 ? 0 : EX_DATAERR
        }
        Terminal.print(report.json)
        guard tally.lost == 0, tally.orderViolations == 0 else { return 1 }
        return tally.badLines == 0 ? 0 : EX_DATAERR
    }
}
