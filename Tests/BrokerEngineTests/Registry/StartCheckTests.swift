// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerTestKit
import Testing

@Suite(.timeLimit(.minutes(1))) struct StartCheckTests {
    private func complaints(
        _ provider: (any BrokerProvider)? = nil, _ register: (BrokerRegistry) -> Void
    ) async throws -> String? {
        let agents = StreamConfiguration("agent.*", groups: [GroupConfiguration("inbox")])
        let bench = try EngineBench(streams: [agents], provider: provider)
        register(bench.registry)
        do {
            try await bench.registry.run()
            return nil
        } catch let error as ConfigurationError {
            return error.description
        }
    }

    @Test func everyMismatchIsReportedAtOnceWithItsPlace() async throws {
        let complaints = try await complaints { registry in
            registry.handle("order", group: "billing", file: "App/Main.swift", line: 3) { _ in }
            registry.handle("orders", group: "biling", file: "App/Main.swift", line: 4) { _ in }
            registry.handle("orders", group: "billing", file: "App/Main.swift", line: 5) { _ in }
            registry.handle("orders", group: "billing", file: "App/Main.swift", line: 6) { _ in }
            registry.handle("ghost.*", group: "inbox", file: "App/Main.swift", line: 7) { _ in }
        }
        #expect(
            complaints == """
                App/Main.swift:3:1: error: the configuration declares no stream 'order'; did you mean 'orders'?
                App/Main.swift:4:1: error: stream 'orders' declares no group 'biling'; did you mean 'billing'?
                App/Main.swift:6:1: error: stream 'orders' has two handlers for group 'billing'; a group takes one, \
                others need a group of their own
                App/Main.swift:7:1: error: the configuration declares no stream 'ghost.*'
                """)
    }

    @Test func aConnectionToAnUndeclaredStreamIsReportedWithItsPlace() async throws {
        let complaints = try await complaints { registry in
            registry.connect("orders", group: "billing", to: "order", file: "App/Main.swift", line: 3) { _ in nil }
            registry.connect(
                "agent.*", group: "inbox", to: ["agent.*", "{orders}:dead", "ghost.*"], file: "App/Main.swift", line: 4
            ) { _ in [] }
        }
        #expect(
            complaints == """
                App/Main.swift:3:1: error: 'orders' is connected to 'order', and the configuration declares no such \
                stream; did you mean 'orders'?
                App/Main.swift:4:1: error: 'agent.*' is connected to 'ghost.*', and the configuration declares no such \
                stream
                """)
    }

    @Test func moreHandlersThanABrokerHasRoomForAreRefusedWithAnAdvice() async throws {
        let complaints = try await complaints(NarrowProvider()) { registry in
            registry.handle("orders", group: "billing", file: "App/Main.swift", line: 3) { _ in }
            registry.handle("agent.*", group: "inbox", file: "App/Main.swift", line: 4) { _ in }
        }
        #expect(
            complaints == """
                App/Main.swift:4:1: error: broker 'events' has room for 1 consumer, and there are 2 handlers; widen it
                """)
    }

    @Test func nothingIsOpenedWhenAHandlerDoesNotFit() async throws {
        let provider = ScriptedProvider()
        _ = try await complaints(provider) { registry in
            registry.handle("orders", group: "billing") { _ in }
            registry.handle("orders", group: "nobody") { _ in }
        }
        #expect(provider.subscribing.requests.isEmpty)
    }
}
