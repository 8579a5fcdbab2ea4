// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
import RedisWire
import Synchronization

/// Station "join": a consumer joins its group.
extension RedisStreamsProvider {
    /// Whether the provider has been closed.
    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Subscribes a consumer; creates the group if it does not exist.
    ///
    /// Makes one attempt: the caller has a back-off of its own.
    ///
    /// - Parameter request: The stream or pattern, the group and the consumer.
    /// - Returns: the subscription, which has its own connection.
    /// - Throws: why the consumer could not join, or why the server cannot be used.
    public func subscribe(_ request: SubscriptionRequest) async throws(BrokerError) -> any BrokerSubscription {
        let subscription = try RedisSubscription(request, provider: self)
        do {
            try await checkServer(for: request)
            try await subscription.begin(request.start)
        } catch {
            await subscription.close()
            throw error
        }
        return subscription
    }
}

/// The check of the server before the first message is read.
extension RedisStreamsProvider {
    /// Checks what the server is and what its user may do, each time a consumer joins its group.
    ///
    /// Each finding is logged once.
    ///
    /// - Throws: why the server cannot be used: a retryable error if that may change by itself, else an error that also
    ///   ends `run()`.
    package func checkServer(for request: SubscriptionRequest) async throws(BrokerError) {
        let findings =
            try await look(for: request)
            + bodyLimit.findings(of: streams) { () throws(BrokerError) in
                try await commandConnection(to: "look at the server", for: RedisRoutes(.anyNode))
            }
        let news = state.withLock { state in findings.filter { state.findings.insert($0).inserted } }
        for finding in news { finding.log(to: logger, address: options.connection.url) }
        if let refusal = findings.first(where: { $0.severity == .unusable })?.error {
            lifetime.refuse(refusal)
            throw refusal
        }
        if let obstacle = findings.lazy.compactMap(\.error).first { throw obstacle }
    }

    /// Looks at the server, or at each primary of a cluster.
    private func look(for request: SubscriptionRequest) async throws(BrokerError) -> [ServerFinding] {
        let connection = try await commandConnection(to: "look at the server", for: RedisRoutes(.anyNode))
        let nodes = connection.nodes.compactMap(\.self)
        guard !nodes.isEmpty else { return try await look(at: connection, for: request) }
        var findings = NodeFindings()
        var failure: BrokerError?
        var silent: [ServerFinding] = []
        for node in nodes {
            do throws(BrokerError) {
                findings.add(try await look(at: node, by: connection, for: request), of: "\(node.address)")
            } catch {
                failure = error
                silent.append(.silent("\(node.address)"))
            }
        }
        if let failure, silent.count == nodes.count { throw failure }
        return findings.all + silent
    }

    private func look(
        at node: RedisNode, by connection: RedisConnection, for request: SubscriptionRequest
    ) async throws(BrokerError) -> [ServerFinding] {
        let link: RedisConnection
        do throws(RedisError) {
            link = try await connection.connection(
                to: node, within: min(options.connection.commandTimeout, .seconds(1)))
        } catch {
            throw BrokerError(error, "look at the server")
        }
        return try await look(at: link, for: request)
    }

    private func look(
        at connection: RedisConnection, for request: SubscriptionRequest
    ) async throws(BrokerError) -> [ServerFinding] {
        let rights = RightsCheck(needs: needs(of: request))
        do throws(RedisError) {
            let information = try connection.submit(RedisCommands("INFO", for: .anyNode))
            let judgements = try connection.submit(rights.calls)
            let facts = ServerFacts(try await information.replies()[0])
            state.withLock { $0.isCluster = facts.isCluster }
            guard let judgement = try await judgements.replies().first else { return [] }
            let policy = facts.evictionPolicy == nil ? try await configuredPolicy(connection) : nil
            return check(for: request).findings(facts, policy: policy)
                + DurabilityCheck(streams: streams).findings(facts)
                + rights.findings(judgement)
        } catch {
            throw BrokerError(error, "look at the server")
        }
    }

    private func check(for request: SubscriptionRequest) -> ServerCheck {
        var check = ServerCheck(
            place: options.connection.url.place, maximumConnections: options.maximumConnections,
            requiresNoEviction: options.requiresNoEviction)
        if case .pattern(let pattern) = request.selection, keys.isScattered(pattern) {
            check.scattered = pattern
        }
        if reading != nil {
            check.primaries = commands.openConnection(for: RedisRoutes(.anyNode))?.nodes.count
            check.ownConnections = ownConnections
        }
        return check
    }

    private func configuredPolicy(_ connection: RedisConnection) async throws(RedisError) -> String? {
        let replies = try await connection.send(RedisCommands("CONFIG", "GET", "maxmemory-policy", for: .anyNode))
        return replies[0]?.elements[1]?.string
    }

    private func needs(of request: SubscriptionRequest) -> [NeededRight] {
        var stream = StreamName(request.selection.text)
        var isSample = false
        if case .pattern(let pattern) = request.selection {
            stream = StreamName(String(pattern.text.map { $0 == "*" ? "0" : $0 }))
            isSample = true
        }
        let letters = request.deadLetter.isEnabled ? request.deadLetter.destination(for: stream) : nil
        return NeededRight.all(
            stream: stream, group: request.group, letters: letters, keys: keys, isSample: isSample,
            at: options.connection.url.place)
    }
}
