// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0
import BrokerCore

/// The middleware of a registry, the first one nearest to the broker.
struct MiddlewareChain: Sendable {
    let list: [any BrokerMiddleware]

    /// Returns a handler inside of all middleware.
    func wrap(_ handler: @escaping DeliveryHandler) -> DeliveryHandler {
        list.reversed().reduce(handler) { next, middleware in
            { delivery in try await middleware.handle(delivery, next: next) }
        }
    }

    /// Returns a handler of batches inside of all middleware.
    func wrap(_ handler: @escaping BatchHandler) -> BatchHandler {
        list.reversed().reduce(handler) { next, middleware in
            { batch in try await middleware.handle(batch: batch, next: next) }
        }
    }

    /// Returns a message as it is to be stored.
    func prepare(
        _ message: Message, for stream: StreamName, _ purpose: OutboundMessage.Purpose, cause: Delivery? = nil
    ) async throws(BrokerError) -> Message {
        if list.isEmpty { return message }
        var outbound = OutboundMessage(message: message, stream: stream, purpose: purpose, cause: cause)
        for middleware in list.reversed() {
            do {
                outbound.message = try await middleware.prepare(outbound)
            } catch {
                throw .middleware(error, "could not make a message ready for '\(stream)'", effect: .notApplied)
            }
        }
        return outbound.message
    }

    /// Returns a reply as its requester gets it.
    func receive(reply: Message, of stream: StreamName) async throws(BrokerError) -> Message {
        var reply = reply
        for middleware in list {
            do {
                reply = try await middleware.receive(reply: reply, of: stream)
            } catch {
                throw .middleware(error, "could not open the reply of '\(stream)'", effect: .unknown)
            }
        }
        return reply
    }
}

extension BrokerError {
    /// An error of a middleware. Of a foreign error only the type is told, since its description may be a payload.
    fileprivate static func middleware(_ error: any Error, _ failure: String, effect: Effect) -> BrokerError {
        if let error = error as? BrokerError { return error }
        if error is CancellationError {
            return BrokerError(.cancelled, "the caller was cancelled in a middleware", effect: effect)
        }
        return BrokerError(
            .middleware, "a middleware \(failure): \(type(of: error))", underlying: error, effect: effect)
    }
}
