// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
import BrokerMemory
import RedisWire
import Synchronization

/// Station "join": a consumer joins its group.
extension RedisPubSubProvider {
    /// Subscribes a consumer; returns once the server has confirmed that the channels are listened to.
    ///
    /// A group begins with what comes from now on, whatever was asked for: there is no past. In a stream of dead
    /// letters it begins with what this process has kept of them. Waits for a server that is away as long as the
    /// connect timeout says.
    public func subscribe(_ request: SubscriptionRequest) async throws(BrokerError) -> any BrokerSubscription {
        if isClosed { throw .providerClosed }
        try await checkServer()
        var request = request
        request.start = .latest
        let topic = names.topic(of: request.selection)
        // First the subscription: what comes right behind the confirmation finds its group.
        let subscription = try await buffer.subscribe(request)
        do throws(RedisError) {
            try await listening.subscribe(topic)
        } catch {
            await subscription.close()
            throw BrokerError(error, "listen to '\(request.selection)'")
        }
        return RedisPubSubSubscription(provider: self, topic: topic, subscription: subscription)
    }

    /// Says once what is to be known of the server.
    private func checkServer() async throws(BrokerError) {
        let found = try await bodyLimit.findings(of: streams) { () throws(BrokerError) in
            do throws(RedisError) {
                return try await commands.connection(for: RedisRoutes(.anyNode))
            } catch {
                throw BrokerError(error, "look at the server")
            }
        }
        let news = findings.withLock { findings in found.filter { findings.insert($0).inserted } }
        for finding in news { finding.log(to: logger, address: options.connection.url) }
    }
}
