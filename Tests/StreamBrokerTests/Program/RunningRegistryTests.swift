// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import StreamBroker
import Testing

/// Handlers that come and go while a registry runs.
@Suite(.timeLimit(.minutes(1))) struct RunningRegistryTests {
    @Test func aHandlerThatIsAddedBeginsAtOnce() async throws {
        let seen = Seen<String>()
        try await withBrokerRegistry(RegistryFixture.orders()) { registry in
            registry.handle("orders", group: "workers") { seen.add("workers \($0.message.payload.string)") }
        } body: { registry in
            try await registry.publish(1, to: "orders")
            await seen.wait(for: 1)
            try registry.add(
                StreamHandler("orders", group: "auditors") { seen.add("auditors \($0.message.payload.string)") })
            await seen.wait(for: 2)
        }
        #expect(seen.all == ["workers 1", "auditors 1"])
    }

    @Test func aHandlerThatDoesNotFitIsRefusedWithItsLine() async throws {
        try await withBrokerRegistry(RegistryFixture.orders()) { registry in
            registry.handle("orders", group: "workers") { _ in }
        } body: { registry in
            let error = #expect(throws: ConfigurationError.self) {
                try registry.add(StreamHandler("orders", group: "wrokers", file: "App/Main.swift", line: 12) { _ in })
            }
            #expect(
                error?.description
                    == "App/Main.swift:12:1: error: stream 'orders' declares no group 'wrokers'; did you mean 'workers'?"
            )
            let second = #expect(throws: ConfigurationError.self) {
                try registry.add(StreamHandler("orders", group: "workers") { _ in })
            }
            #expect(second?.problems.count == 1)
        }
    }

    @Test func whatARemovedHandlerHeldGoesToTheNextOne() async throws {
        let first = Seen<String>()
        let second = Seen<String>()
        try await withBrokerRegistry(RegistryFixture.orders()) { _ in
        } body: { registry in
            let id = registry.handle("orders", group: "workers") { first.add($0.message.payload.string) }
            try await registry.publish(1, to: "orders")
            await first.wait(for: 1)
            await registry.remove(id)
            try await registry.publish(2, to: "orders")
            registry.handle("orders", group: "workers") { second.add($0.message.payload.string) }
            await second.wait(for: 1)
        }
        #expect(first.all == ["1"])
        #expect(second.all == ["2"])
    }

    @Test func aHandlerIsRemovedBeforeTheRegistryRuns() async throws {
        let seen = Seen<Int>()
        let registry = try RegistryFixture.orders()
        let misfit = registry.handle("ordres", group: "workers") { _ in }
        registry.handle("orders", group: "workers", as: Int.self) { value, _ in seen.add(value) }
        await registry.remove(misfit)
        try await withBrokerRegistry(registry) { registry in
            try await registry.publish(7, to: "orders")
            await seen.wait(for: 1)
        }
        #expect(seen.all == [7])
    }
}
