// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import StreamBroker

/// The code of docs/handlers.md.
private enum HandlersPage {
    static func handle(_ registry: BrokerRegistry) {
        registry.handle("orders", group: "billing", as: OrderPlaced.self) { order, delivery in
            guard order.total >= 0 else { throw Reject("a negative total") }
            try await charge(order)
        }
        registry.handle("orders", group: "audit") { delivery in
            delivery.logger.info("an order of \(delivery.message.payload.count) bytes")
        }
        registry.handle("agent.*", group: "inbox") { delivery in
            print(delivery.stream, delivery.message.headers["kind"] ?? "")
        }
    }

    static func addAndRemove(_ registry: BrokerRegistry) async throws {
        let id = try registry.add(StreamHandler("orders", group: "audit") { delivery in print(delivery) })
        await registry.remove(id)
    }

    static func retryByVerb(_ registry: BrokerRegistry) {
        registry.handle("orders", group: "billing") { delivery in
            try delivery.retry(after: .seconds(60))
            let result = await delivery.settled
            delivery.logger.info("the retry: \(result)")
        }
    }

    static func handleBatches(_ registry: BrokerRegistry) {
        registry.handle(
            "orders", group: "search", batch: .upTo(100, within: .milliseconds(50)), as: OrderPlaced.self
        ) { batch in
            try await index(batch.map(\.value))
        }
    }

    static func handleDeadLetters(_ registry: BrokerRegistry) {
        registry.handle("{orders}:dead", group: "alarm") { delivery in
            print(delivery.message.headers["sb-reason"] ?? "", delivery.message.headers["sb-error"] ?? "")
        }
    }

    static func publish(_ order: OrderPlaced, _ orders: [OrderPlaced], _ registry: BrokerRegistry) async throws {
        var unsent = 0
        try await registry.publish(order, to: "orders", key: "customer-7", headers: ["source": "web"])
        try await registry.publish(Message("as it is", key: "customer-7"), to: "orders")

        let messages = try orders.map { Message(try registry.encode($0)) }
        for result in await registry.publish(batch: messages, to: "orders") {
            if case .failure(let error) = result, error.isRetryable { unsent += 1 }
        }
        print(unsent)
    }

    struct Row {
        var id: String
        var customer: String
        var body: String
    }

    static func publishOnce(
        _ order: OrderPlaced, _ rows: [Row], _ registry: BrokerRegistry, _ logger: Logger
    ) async throws {
        let receipt = try await registry.publish(order, to: "orders", id: "order-\(order.number)")
        if receipt.isDuplicate { logger.info("it is there already", metadata: ["message": "\(receipt.id)"]) }

        let messages = rows.map { Message($0.body, key: $0.customer) }
        let ids = rows.map { DeduplicationID($0.id) }
        let results = await registry.publish(batch: messages, to: "orders", ids: ids)
        print(results.count)
    }

    static func publishReplicated(
        _ entries: [Message], _ ids: [DeduplicationID], _ registry: BrokerRegistry, _ logger: Logger
    ) async {
        var unsafe = 0
        for result in await registry.publish(batch: entries, to: "ledger", ids: ids) {
            guard case .failure(let error) = result, let receipt = error.receipt else { continue }
            logger.warning("stored, and not yet safe", metadata: ["message": "\(receipt.id)"])
            unsafe += 1
        }
        if unsafe > 0 { _ = await registry.publish(batch: entries, to: "ledger", ids: ids) }
    }

    static func load() throws -> BrokerRegistry {
        let codec = JSONMessageCodec {
            $0.keyEncodingStrategy = .convertToSnakeCase
        } decoder: {
            $0.keyDecodingStrategy = .convertFromSnakeCase
        }
        let registry = try BrokerRegistry.load("brokers.yaml", codec: codec)
        return registry
    }

    struct TraceMiddleware: BrokerMiddleware {
        @TaskLocal static var current: String?

        func handle(_ delivery: Delivery, next: DeliveryHandler) async throws {
            guard let trace = delivery.message.headers["trace-id"] else { return try await next(delivery) }
            var delivery = delivery
            delivery.logger[metadataKey: "trace-id"] = "\(trace)"
            try await Self.$current.withValue(trace) { try await next(delivery) }
        }

        func prepare(_ outbound: OutboundMessage) async throws -> Message {
            var message = outbound.message
            message.headers["trace-id"] = Self.current ?? "\(UInt64.random(in: 1 ... .max))"
            return message
        }
    }

    struct Watch: BrokerObserver {
        func observe(_ event: BrokerEvent) {
            guard case .settled(let settled) = event else { return }
            for entry in settled.entries {
                guard let failure = entry.failure, failure.next == nil else { continue }
                print("\(settled.consumer.group) gave up \(entry.receipt.id): \(failure.cause.summary)")
            }
        }
    }

    private static func index(_ orders: [OrderPlaced]) async throws {}
}
