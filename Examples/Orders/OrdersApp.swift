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

/// Orders are published once and consumed by three groups, each of which gets every one of them.
///
/// `billing` takes typed values, one after another for each customer. `shipping` finds its carrier busy twice for some
/// orders and then succeeds. `fraud` meets one order that no retry can help. The program ends by itself when every
/// message of every group is accounted for.
///
/// On a server that keeps its streams it counts the orders of this run alone. Only one run at a time: two would share
/// the work of each group, and neither would see all of its own orders.
@main struct OrdersApp {
    static let groups: [GroupName] = ["billing", "shipping", "fraud"]

    static func main() async {
        guard let count = orderCount(CommandLine.arguments.dropFirst()) else {
            Terminal.printError("usage: Orders [NUMBER OF ORDERS]    from 0 to 1000000, by default 20")
            exit(EX_USAGE)
        }
        let finished = FinishLine()
        let ledger = Ledger(groups: groups) { finished.cross() }
        await BrokerRegistry.main(
            besideSource("brokers.yaml"), middleware: [LoggingMiddleware(level: .debug)], observers: [ledger],
            register: { registry in
                finished.ends(registry)
                register(on: registry)
                let orders = try (0..<count).map { index in
                    let order = Order.make(number: index + 1)
                    return Message(try registry.encode(order), key: order.customer)
                }
                let results = await registry.publish(batch: orders, to: "orders")
                ledger.published(try results.map { try $0.get().id }, to: "orders")
            },
            whenDone: { registry in report(ledger.current, registry) })
    }

    /// How many orders are asked for; `nil` when that cannot be understood.
    static func orderCount(_ arguments: ArraySlice<String>) -> Int? {
        guard let first = arguments.first else { return 20 }
        guard arguments.count == 1, let count = Int(first), (0...1_000_000).contains(count) else { return nil }
        return count
    }

    static func register(on registry: BrokerRegistry) {
        registry.handle("orders", group: "billing", as: Order.self) { order, _ in
            try await work(milliseconds: order.number % 7)
        }
        registry.handle("orders", group: "shipping", as: Order.self) { order, delivery in
            if order.number.isMultiple(of: 4), delivery.attempt <= 2 { throw OrderProblem.carrierIsBusy }
            try await work(milliseconds: 10)
        }
        registry.handle("orders", group: "fraud", as: Order.self) { order, _ in
            if order.cents < 0 { throw OrderProblem.negativePrice }
            try await work(milliseconds: 5)
        }
    }

    /// Stands for the call of somebody else's service.
    static func work(milliseconds: Int) async throws {
        try await Task.sleep(for: .milliseconds(milliseconds))
    }

    static func report(_ counts: Ledger.Counts, _ registry: BrokerRegistry) -> Int32 {
        let provider = (try? registry.broker(of: "orders").provider) ?? "unknown"
        let report = Report(counts: counts, provider: provider)
        Terminal.printError("\n\(report.table)")
        guard counts.isComplete else {
            let settled = counts.handled + counts.deadLettered
            let expected = counts.published * groups.count
            Terminal.printError("interrupted: \(settled) of \(expected) settled, the rest was handed back")
            return 0
        }
        Terminal.print(report.json)
        return counts.lost == 0 ? 0 : 1
    }
}
