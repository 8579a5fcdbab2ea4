// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
import RedisWire
import Synchronization

/// The connections of a provider.
extension RedisStreamsProvider {
    /// The connection for commands, by one attempt: who asks has a back-off of its own.
    ///
    /// - Parameters:
    ///   - routes: The routes of everything that is sent.
    ///   - limit: How long to wait at most in a call that runs to its end also in a cancelled task; without, a cancelled
    ///     caller gives up.
    func commandConnection(
        to action: String, for routes: RedisRoutes, uninterruptedFor limit: Duration? = nil
    ) async throws(BrokerError) -> RedisConnection {
        do throws(RedisError) {
            return try await commands.connection(for: routes, within: limit, isCancellable: limit == nil)
        } catch {
            throw BrokerError(error, action)
        }
    }

    /// An open connection; while the server is away it is tried again until the connect timeout has passed, also in a
    /// cancelled task. Closing the link ends that.
    ///
    /// - Parameter waited: How much of that time has passed already.
    func connection(
        of router: RedisRouter, for routes: RedisRoutes, to action: String, waited: Duration = .zero
    ) async throws(BrokerError) -> RedisConnection {
        do throws(RedisError) {
            return try await router.connection(for: routes, retryingFor: options.connection.connectTimeout - waited)
        } catch {
            throw BrokerError(error, action)
        }
    }

    /// Does what an answer asks for that means the connection leads to the wrong server; the next one is a new one.
    func react(to answer: ServerError, on connection: RedisConnection) async {
        if answer.reaction == .reconnect { await connection.close() }
    }

    /// Makes the router that one subscription reads by, or takes one that followed a stream before and is free.
    ///
    /// - Parameter isForAnswers: Whether the answers to requests are read by it, for which there is room besides.
    func openReader(isForAnswers: Bool = false) throws(BrokerError) -> (number: Int, router: RedisRouter) {
        let router: RedisRouter
        do throws(RedisError) {
            router = try RedisRouter(options.connection, logger: logger)
        } catch {
            throw BrokerError(error, "make a connection for reads")
        }
        let bound = isForAnswers ? consumerLimit + 1 : consumerLimit
        let place = state.withLock { state -> Result<(number: Int, router: RedisRouter), BrokerError> in
            if state.isClosed { return .failure(.providerClosed) }
            if state.readers.count >= bound, let idle = state.idleTails.popLast(), let router = state.readers[idle] {
                return .success((idle, router))
            }
            guard state.readers.count < bound else { return .failure(.tooManyConnections(options.maximumConnections)) }
            let number = state.makeNumber()
            state.readers[number] = router
            return .success((number, router))
        }
        return try place.get()
    }

    /// Gives a router back.
    func closeReader(_ number: Int) async {
        await state.withLock { $0.readers.removeValue(forKey: number) }?.close()
    }
}

extension RedisStreamsProvider: ConsumerLimiting {
    /// Each consumer has a connection; two are the broker's own, and one is for the answers to requests.
    public var consumerLimit: Int { options.maximumConnections - Self.ownConnections }

    /// What makes room for more.
    public var consumerAdvice: String {
        "each takes one of 'max-connections: \(options.maximumConnections)', the broker itself three: raise it, "
            + "or consume several streams by one pattern"
    }
}

extension BrokerError {
    static let providerClosed = BrokerError(.closed, "the Redis broker is closed")

    fileprivate static func tooManyConnections(_ bound: Int) -> BrokerError {
        BrokerError(
            .overloaded,
            "one more consumer needs one more connection than 'max-connections: \(bound)' allows; each consumer has one, "
                + "the broker itself three: raise it, or consume several streams by one pattern")
    }
}

/// Questions to the server that have nothing to do with leases.
extension RedisStreamsProvider {
    /// Sends commands and waits for their replies; an error that the server answered is a reply.
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
