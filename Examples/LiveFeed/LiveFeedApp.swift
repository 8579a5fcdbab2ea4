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

/// One process publishes prices, any number of processes watch them while they are published.
///
/// Every watching process gets every price. Within each of them two groups handle the prices of a symbol in their order:
/// one shows them, the other rings alarms and succeeds at the second attempt.
@main struct LiveFeedApp {
    static func main() async {
        guard let assignment = Assignment(CommandLine.arguments.dropFirst()) else {
            Terminal.printError(Assignment.usage)
            exit(EX_USAGE)
        }
        let finished = FinishLine()
        let feed = Feed { finished.cross() }
        await BrokerRegistry.main(
            besideSource("brokers.yaml"), observers: [feed],
            register: { registry in
                finished.ends(registry)
                watch(feed, on: registry)
                switch assignment {
                case .publish(let count): try await open(count, feed, on: registry)
                case .watch: refuseMemory(registry)
                }
            },
            whenDone: { registry in report(feed.current, registry) })
    }

    static func watch(_ feed: Feed, on registry: BrokerRegistry) {
        registry.handle("prices.*", group: "screen", as: Price.self) { price, _ in feed.show(price) }
        registry.handle("prices.*", group: "alarm", as: Price.self) { price, delivery in
            try feed.ring(for: price, attempt: delivery.attempt)
        }
    }

    /// Publishing begins when the program runs and listens, so it is the work of a handler too.
    static func open(_ count: Int, _ feed: Feed, on registry: BrokerRegistry) async throws {
        registry.handle("session", group: "trader", as: Int.self) { count, _ in
            await feed.waitUntilWatched()
            feed.published(count)
            for price in Price.session(of: count) { try await registry.publish(price, to: price.stream) }
        }
        try await registry.publish(count, to: "session")
    }

    /// Memory is one process: nobody else could publish into it.
    static func refuseMemory(_ registry: BrokerRegistry) {
        guard provider(registry) == "memory" else { return }
        Terminal.printError(
            "error: there is nothing to watch in memory; set STREAMBROKER_ENV=production and REDIS_URL")
        exit(EX_USAGE)
    }

    static func provider(_ registry: BrokerRegistry) -> String {
        (try? registry.broker(of: StreamName("prices.\(Price.symbols[0])")).provider) ?? "unknown"
    }

    static func report(_ counts: Feed.Counts, _ registry: BrokerRegistry) -> Int32 {
        Terminal.printError("\n\(Report(counts: counts, provider: provider(registry)).table)")
        guard counts.isComplete else {
            Terminal.printError("interrupted: \(counts.received) received, the feed has not closed")
            return 0
        }
        Terminal.print(Report(counts: counts, provider: provider(registry)).json)
        return 0
    }
}
