// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore
import Synchronization

/// Finds the routes of messages and makes messages ready for them, for publish, forward, reply and request alike.
final class PublishRouter: Sendable {
    let codec: any MessageCodec
    let middleware: MiddlewareChain
    private let directory: StreamDirectory
    private let brokers: [BrokerName: Broker]
    /// The routes of the streams that are declared by their names: they are found without a lock.
    private let named: [StreamName: StreamRoute]
    /// The routes of streams that match a pattern.
    private let matched = Mutex(RouteCache<StreamRoute>())

    init(
        directory: StreamDirectory, brokers: [BrokerName: Broker], codec: any MessageCodec, middleware: MiddlewareChain
    ) {
        self.directory = directory
        self.brokers = brokers
        self.codec = codec
        self.middleware = middleware
        var named: [StreamName: StreamRoute] = [:]
        for (stream, declaration) in directory.named {
            named[stream] = StreamRoute(to: stream, declaration, brokers)
        }
        self.named = named
    }

    /// Returns where a stream's messages go; throws when the configuration does not declare the stream.
    func route(to stream: StreamName) throws(BrokerError) -> StreamRoute {
        if let route = named[stream] ?? matched.withLock({ $0[stream] }) { return route }
        guard let declaration = directory.declaration(of: stream),
            let route = StreamRoute(to: stream, declaration, brokers)
        else {
            let suggestion = Suggestion.phrase(for: stream.text, among: directory.names)
            throw BrokerError(.undeclaredStream, "the configuration declares no stream '\(stream)'\(suggestion)")
        }
        // What the cache drops is freed here, after the lock is released.
        _ = matched.withLock { $0.insert(route, for: stream) }
        return route
    }

    /// Makes a message ready to be stored: through the middleware, and by the rules of its stream.
    func prepare(
        _ message: Message, for route: StreamRoute, _ purpose: OutboundMessage.Purpose, cause: Delivery? = nil
    ) async throws(BrokerError) -> Message {
        let message = try await middleware.prepare(message, for: route.stream, purpose, cause: cause)
        try route.check(message)
        return message
    }
}

extension StreamRoute {
    /// Makes the route of a stream from its declaration; `nil` when there is no such broker.
    fileprivate convenience init?(
        to stream: StreamName, _ declaration: StreamDirectory.Declaration, _ brokers: [BrokerName: Broker]
    ) {
        guard let broker = brokers[declaration.broker] else { return nil }
        self.init(
            to: stream, on: broker, also: declaration.stream.also.flatMap { brokers[$0] },
            maximumPayload: declaration.stream.maximumPayload, deduplication: declaration.stream.deduplication,
            layout: declaration.stream.body ?? .standard)
    }
}

/// The routes of streams that match a pattern: a pure value.
///
/// Their names come from users and may be without number. When the cache is full it drops all of them, and each is
/// found again by its next message.
package struct RouteCache<Route: Sendable>: Sendable {
    /// The largest number of routes.
    package static var maximum: Int { 10_000 }

    private var routes: [StreamName: Route] = [:]

    package init() {}

    package var count: Int { routes.count }

    package subscript(stream: StreamName) -> Route? { routes[stream] }

    /// Adds a route; returns those that are dropped for it.
    package mutating func insert(_ route: Route, for stream: StreamName) -> [StreamName: Route] {
        var dropped: [StreamName: Route] = [:]
        if routes.count >= Self.maximum { swap(&routes, &dropped) }
        routes[stream] = route
        return dropped
    }
}
