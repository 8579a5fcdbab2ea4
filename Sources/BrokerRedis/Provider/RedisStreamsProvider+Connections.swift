// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
import RedisWire
import Synchronization

/// The connections of a provider.
extension RedisStreamsProvider {
    /// Returns the connection for commands, by one attempt: the callers have a back-off of their own.
    ///
    /// - Parameters:
    ///   - action: What is tried, for the error.
    ///   - routes: The routes of everything that is sent.
    ///   - limit: How long to wait at most in a call that runs to its end even in a cancelled task. Without a limit, a
    ///     cancelled caller gives up.
    func commandConnection(
        to action: String, for routes: RedisRoutes, uninterruptedFor limit: Duration? = nil
    ) async throws(BrokerError) -> RedisConnection {
        do throws(RedisError) {
            return try await commands.connection(for: routes, within: limit, isCancellable: limit == nil)
        } catch {
            throw BrokerError(error, action)
        }
    }

    /// Returns an open connection. While the server is unreachable, attempts go on until the connect timeout has
    /// passed, even in a cancelled task. Closing the router ends them.
    ///
    /// - Parameters:
    ///   - router: The connections for this kind of call.
    ///   - routes: The routes of everything that is sent.
    ///   - action: What is tried, for the error.
    ///   - limit: How long to wait at most; by default as long as the connect timeout.
    func connection(
        of router: RedisRouter, for routes: RedisRoutes, to action: String, within limit: Duration? = nil
    ) async throws(BrokerError) -> RedisConnection {
        do throws(RedisError) {
            return try await router.connection(for: routes, retryingFor: limit ?? options.connection.connectTimeout)
        } catch {
            throw BrokerError(error, action)
        }
    }

    /// Makes a router for the reads of one subscription. Where there is no room, one that followed a stream before and
    /// is free gives way.
    ///
    /// - Parameters:
    ///   - group: The group that reads, whose name its connection bears; `nil` for the past of a stream.
    ///   - isForReplies: Whether it reads the replies to requests, which have a connection besides the limit.
    /// - Throws: `closed`, or `overloaded` without a free connection.
    func openReader(
        for group: GroupName? = nil, isForReplies: Bool = false
    ) throws(BrokerError) -> (number: Int, router: RedisRouter) {
        let router: RedisRouter
        do throws(RedisError) {
            var connection = options.connection
            if let group { connection.clientName += ":\(group)" }
            router = try RedisRouter(connection, logger: logger)
        } catch {
            throw BrokerError(error, "make a connection for reads")
        }
        let own = ownConnections
        // What gives way is freed after the lock is released, which closes its connection.
        let place = state.withLock { state -> Result<(number: Int, former: RedisRouter?), BrokerError> in
            if state.isClosed { return .failure(.providerClosed) }
            var former: RedisRouter?
            let limit = options.maximumConnections - own
            let bound = isForReplies || state.readsReplies ? limit + 1 : limit
            if state.readers.count >= bound, let idle = state.idleTails.popLast() {
                former = state.readers.removeValue(forKey: idle)
            }
            guard state.readers.count < bound else {
                return .failure(.tooManyConnections(options.maximumConnections, own: ownInWords))
            }
            let number = state.makeNumber()
            state.readers[number] = router
            if isForReplies { state.replyReader = number }
            return .success((number, former))
        }
        return (try place.get().number, router)
    }

    /// Makes the connections for the reads of a subscription.
    ///
    /// - Throws: `closed`, or `overloaded` without a free connection.
    func makeReader(
        for request: SubscriptionRequest, wakeSignal: WakeSignal
    ) throws(BrokerError) -> BlockedReader {
        let route = keys.route(of: request.selection)
        let isForReplies = StreamName(request.selection.text).isReserved
        guard let reading else {
            let (number, router) = try openReader(for: request.group, isForReplies: isForReplies)
            let line = ReadLine(for: route, router: router, commands: commands)
            return BlockedReader(line, clock: clock, wakeSignal: wakeSignal) { [self] in await closeReader(number) }
        }
        let make = { @Sendable [self] (key: String) throws(BrokerError) -> SlotLines.Place in
            let (number, router) = try openReader(for: request.group, isForReplies: isForReplies)
            return .init(number: number, line: ReadLine(for: .key(key), key: key, router: router, commands: commands))
        }
        var first: (slot: RedisSlot, place: SlotLines.Place)?
        if case .key(let key) = route { first = (RedisSlot(of: key), try make(key)) }
        let slots = SlotLines(first: first) {
            try? make($0)
        } close: { [self] in
            await closeReader($0)
        }
        let shared = ReadLine(for: route, mayBlock: false, router: reading, commands: commands)
        return BlockedReader(shared, slots: slots, clock: clock, wakeSignal: wakeSignal)
    }

    /// Closes the router with this number.
    func closeReader(_ number: Int) async {
        await state.withLock { $0.readers.removeValue(forKey: number) }?.close()
    }
}

extension RedisStreamsProvider {
    /// How many connections the provider has besides those of its consumers: for publishing, for commands, and for the
    /// replies to requests; one more for publishes that wait for replicas. In a cluster each of these has one to each
    /// primary, and so have the reads that do not block.
    var ownConnections: Int {
        let kinds = replicating == nil ? 2 : 3
        guard reading != nil else { return kinds + 1 }
        let nodes = commands.openConnection(for: RedisRoutes(.anyNode))?.nodes.count ?? 1
        return (kinds + 1) * nodes + 1
    }
}

extension RedisStreamsProvider: ConsumerLimiting {
    /// The number of consumers: each needs a connection, besides two of the broker and one for the replies to requests.
    public var consumerLimit: Int { options.maximumConnections - ownConnections }

    private var ownInWords: String {
        switch ownConnections {
        case 3: "three"
        case 4: "four"
        case let count: "\(count)"
        }
    }

    /// How to get more.
    public var consumerAdvice: String {
        "each takes one of 'max-connections: \(options.maximumConnections)', the broker itself \(ownInWords): raise it, "
            + "or consume several streams by one pattern"
    }
}

extension BrokerError {
    static let providerClosed = BrokerError(.closed, "the Redis broker is closed")

    fileprivate static func tooManyConnections(_ bound: Int, own: String) -> BrokerError {
        BrokerError(
            .overloaded,
            "one more consumer needs one more connection than 'max-connections: \(bound)' allows; each consumer has one, "
                + "the broker itself \(own): raise it, or consume several streams by one pattern")
    }
}

/// Commands that have nothing to do with leases.
extension RedisStreamsProvider {
    /// Sends commands and waits for their replies; an error of the server is a reply.
    func ask(_ commands: RedisCommands, to action: String) async throws(BrokerError) -> RedisReplies {
        let connection = try await commandConnection(to: action, for: commands.routes)
        do throws(RedisError) {
            return try await connection.send(commands)
        } catch {
            throw BrokerError(error, action)
        }
    }

    /// Calls scripts and waits for their replies.
    func ask(_ calls: ScriptCalls, to action: String) async throws(BrokerError) -> [RedisReply] {
        let connection = try await commandConnection(to: action, for: calls.routes)
        do throws(RedisError) {
            return try await connection.run(calls)
        } catch {
            throw BrokerError(error, action)
        }
    }
}
