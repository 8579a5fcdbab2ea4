// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Logging
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// Attempts, on event loops.
extension RedisLink {
    /// Begins the attempt of a turn, if no later one was asked for.
    func connect(_ turn: Int) {
        let attempt = makeAttempt()
        let isWanted = state.withLock { state in
            guard state.turn == turn, state.link.begin() else { return false }
            state.attempt = attempt
            return true
        }
        guard isWanted else { return }
        guard let source else { return open(options, attempt) }
        source.address(on: loop).whenComplete { [self] result in
            switch result {
            case .success(let address): open(address, attempt)
            case .failure(let error): finish(.failure(error), attempt)
            }
        }
    }

    private func makeAttempt() -> ConnectAttempt {
        guard source != nil else { return ConnectAttempt() }
        return ConnectAttempt { [weak self] error in self?.notice(error) }
    }

    private func open(_ address: RedisAddress, _ attempt: ConnectAttempt) {
        let address = state.withLock { state in
            let address = state.target ?? address
            attempt.address = address
            return address
        }
        var options = options.server(at: address)
        options.provesPrimary = true
        open(options, attempt)
    }

    private func open(_ options: RedisOptions, _ attempt: ConnectAttempt) {
        let reminder = options.watch.map { watch in
            loop.scheduleTask(in: ConnectPatience.limit) {
                watch.failed(.silence(of: options.url, isConnected: attempt.isConnected))
            }
        }
        connector(options, attempt).whenComplete {
            reminder?.cancel()
            self.finish($0, attempt)
        }
    }

    private func finish(_ result: Result<RedisConnection, any Error>, _ attempt: ConnectAttempt) {
        switch result {
        case .success(let connection):
            // If the link was closed meanwhile or leads elsewhere, nobody keeps the connection, which closes it.
            guard let (waiters, isClosed) = change(attempt, { ($0.connected(connection) ?? [], $0.isClosed) }) else {
                return
            }
            if !isClosed {
                options.watch?.connected(connection)
                follow(connection)
            }
            logger.debug("connected", metadata: [LinkLoggingKeys.address: "\(options.url)"])
            for waiter in waiters { waiter.resume(returning: .success(connection)) }
        case .failure(let error):
            let error = RedisError(transport: error).with(.notApplied)
            guard let (waiters, isClosed) = change(attempt, { ($0.failed(error), $0.isClosed) }) else { return }
            if !isClosed { options.watch?.failed(error) }
            if !isClosed, let address = attempt.address { source?.failed(address, isRefuted: error.isNoPrimary) }
            let metadata: Logger.Metadata = [
                LinkLoggingKeys.address: "\(options.url)", LinkLoggingKeys.error: "\(error)",
            ]
            logger.debug("could not connect", metadata: metadata)
            for waiter in waiters { waiter.resume(returning: .failure(error)) }
        }
    }

    /// Takes the result of an attempt; returns `nil` if the attempt was given up for one that leads elsewhere.
    private func change<Result: Sendable>(
        _ attempt: ConnectAttempt, _ body: (inout LinkState<Waiter>) -> sending Result
    ) -> Result? {
        state.withLock { state in
            guard state.attempt === attempt else { return nil }
            state.attempt = nil
            return body(&state.link)
        }
    }
}

/// Where the server changes: what connections find, and what a source says.
extension RedisLink: AddressFollower {
    private func follow(_ connection: RedisConnection) {
        guard let source, let address = connection.address else { return }
        source.proved(address, by: self)
        connection.whenEnded { [weak self, weak connection] in
            guard let self, let cause = connection?.failure else { return }
            let isInUse = state.withLock { !$0.link.isClosed && ($0.target ?? address) == address }
            if isInUse { source.doubt(address, because: cause.message, isConnected: false) }
        }
    }

    private func notice(_ error: ServerError) {
        let address = state.withLock { state in
            state.trouble.notice(error, at: .now()) ? state.link.openConnection?.address : nil
        }
        if let address { source?.doubt(address, because: error.text, isConnected: true) }
    }

    package func leave(for address: RedisAddress, because error: RedisError) {
        let (connection, former, turn) = state.withLock { state in
            state.target = address
            let isElsewhere = state.link.openConnection?.address != address
            let former = state.attempt.flatMap { $0.address == nil || $0.address == address ? nil : $0 }
            if former != nil { state.attempt = nil }
            // An attempt that waits for its time leads to the new server at once.
            let isWanted = state.link.renew() && state.attempt == nil
            if isWanted { state.turn += 1 }
            return (isElsewhere ? state.link.openConnection : nil, former, isWanted ? state.turn : nil)
        }
        connection?.end(because: error)
        former?.cancel()
        if let turn { loop.execute { self.connect(turn) } }
    }
}
