// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import Logging
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// One connection for the messages of all topics, made again whenever it breaks.
///
/// There is no task behind it: it lives on one event loop, where it also waits between attempts. Without topics there
/// is no connection. A new connection subscribes to every topic again. Messages that were published meanwhile are
/// missed; such a gap is counted and logged.
package final class PushLink: PushListening {
    typealias Waiter = PushWait.Waiter

    struct State {
        var push: PushState<Waiter>
        var channel: (any Channel)?
        /// Where the connection leads, or the attempt; `nil` as long as that is not known.
        var address: RedisAddress?
        /// Where the last switch leads; the source may have given an attempt its address before.
        var target: RedisAddress?
        var lastTicket = 0
    }

    let options: RedisOptions
    let servers: any PushServers
    let source: (any AddressSource)?
    let context: NIOSSLContext?
    let logger: Logger
    let receiver: any PushReceiver
    let loop: any EventLoop
    let state: Mutex<State>
    /// How often sharded channels are asked for once more.
    let checkTime: Duration

    /// Makes a link to one server; reads the files of certificates, does not connect.
    ///
    /// - Parameters:
    ///   - options: Where to connect and how.
    ///   - source: Knows the server to connect to; `nil` if the options name it.
    ///   - backoff: How long to wait between attempts.
    ///   - checkTime: How often it is checked whether the server has lost something silently.
    ///   - logger: Logs gaps and refusals.
    ///   - receiver: Takes the messages.
    package convenience init(
        _ options: RedisOptions, source: (any AddressSource)? = nil, backoff: Backoff = Backoff(),
        checkTime: Duration = .seconds(60), logger: Logger, receiver: any PushReceiver
    ) throws(RedisError) {
        if source == nil { try options.requireOneServer() }
        try self.init(
            options, servers: OneServer(options: options), source: source, backoff: backoff, checkTime: checkTime,
            logger: logger, receiver: receiver)
    }

    /// Makes a link whose connections lead to one of several servers.
    init(
        _ options: RedisOptions, servers: any PushServers, source: (any AddressSource)? = nil,
        backoff: Backoff = Backoff(), checkTime: Duration, logger: Logger, receiver: any PushReceiver
    ) throws(RedisError) {
        try options.validate()
        self.source = source
        self.options = options
        self.servers = servers
        loop = options.loop.eventLoop
        context = options.url.isEncrypted ? try options.tls.makeContext() : nil
        self.logger = logger
        self.receiver = receiver
        self.checkTime = checkTime
        state = Mutex(State(push: PushState(backoff: backoff)))
        source?.add(self)
    }

    deinit {
        state.withLock { $0.channel }?.close(promise: nil)
    }

    package func subscribe(_ topic: PushTopic) async throws(RedisError) {
        let ticket = state.withLock { state in
            state.lastTicket += 1
            return state.lastTicket
        }
        try await PushWait.confirmation(within: options.connectTimeout, on: loop) { waiter in
            want(topic, waiter, ticket)
        } giveUp: { [weak self] isCancelled in
            self?.giveUp(topic, ticket, isCancelled: isCancelled)
        }
    }

    /// Subscribes to a topic without waiting; the receiver learns what becomes of it. Each call needs one
    /// ``unsubscribe(_:)``.
    func add(_ topic: PushTopic) {
        change { ($0.add(topic), ()) }
    }

    package func unsubscribe(_ topic: PushTopic) {
        change { ($0.release(topic), ()) }
    }

    package func resume() {
        change { ($0.resume(), ()) }
    }

    /// Asks again for what the server has refused.
    func askAgain() {
        change { ($0.askAgain($0.number), ()) }
    }

    package var report: PushReport {
        state.withLock { state in
            PushReport(
                isOpen: state.push.isOpen, isPaused: state.push.isPaused, topics: state.push.topics.count,
                confirmed: state.push.confirmed, gaps: state.push.gaps, lastError: state.push.lastError,
                refusal: state.push.refusals.first?.1)
        }
    }

    package func close() async {
        guard let channel = end() else { return }
        _ = await Result.catching { () async throws in try await channel.closeFuture.get() }
    }

    /// Closes the link for good; returns the channel that is being closed.
    @discardableResult
    func end() -> (any Channel)? {
        let (waiters, channel) = state.withLock { state in (state.push.close(), state.channel) }
        for waiter in waiters { waiter.resume(returning: .failure(PushState<Waiter>.closed)) }
        channel?.close(promise: nil)
        return channel
    }
}

/// Calls of callers.
extension PushLink {
    private func want(_ topic: PushTopic, _ waiter: Waiter, _ ticket: Int) {
        let result = change { state in
            let (result, step) = state.want(topic, waiter, ticket)
            return (step, result)
        }
        if let result { waiter.resume(returning: result) }
    }

    private func giveUp(_ topic: PushTopic, _ ticket: Int, isCancelled: Bool) {
        let (waiter, reason) = change { state in
            let given = state.giveUp(topic, ticket)
            return (given?.step ?? .nothing, (given?.waiter, state.lastError))
        }
        let silence = RedisError(.timeout, "no confirmation within \(options.connectTimeout.inWords)")
        waiter?.resume(returning: .failure(isCancelled ? .cancelled : reason ?? silence))
    }

    /// Changes the state, then does the step that follows from it.
    @discardableResult
    func change<Result: Sendable>(
        _ body: (inout PushState<Waiter>) -> (PushState<Waiter>.Step, Result)
    ) -> Result {
        let (step, result, channel) = state.withLock { state in
            let (step, result) = body(&state.push)
            let channel = state.channel
            if case .disconnect = step { state.channel = nil }
            return (step, result, channel)
        }
        switch step {
        case .nothing: break
        case .flush: channel?.flush()
        case .disconnect: channel?.close(promise: nil)
        case .connect(let number, let wait):
            loop.scheduleTask(in: TimeAmount(wait)) { [weak self] in self?.connect(number) }
        }
        return result
    }

    private func connect(_ number: Int) {
        guard state.withLock({ $0.push.isAwaited(number) }) else { return }
        guard let source else {
            let options = servers.next()
            state.withLock { $0.address = options.url.place.server }
            return open(number, options)
        }
        source.address(on: loop).whenComplete { [weak self] result in
            switch result {
            case .success(let address): self?.open(number, address)
            case .failure(let error): self?.ended(number, RedisError(transport: error))
            }
        }
    }

    func open(_ number: Int, _ options: RedisOptions) {
        remind(number, options)
        ClientBootstrap.make(options) { [self, options] channel in
            if let context { try channel.pipeline.syncOperations.addHandler(TLSHandler.make(options, context)) }
            guard let reader = ReplyReader(limits: options.limits) else {
                throw RedisError(.connection, "no memory for a connection")
            }
            try channel.pipeline.syncOperations.addHandler(
                PushHandler(options, number: number, reader: reader, link: self))
        }
        .connect(options)
        .whenFailure { [weak self] error in
            self?.ended(number, RedisError(connecting: error, to: options.url))
        }
    }

    /// Tells the watch that the attempt has had no answer so far, if it still has none then.
    private func remind(_ number: Int, _ options: RedisOptions) {
        guard let watch = options.watch else { return }
        loop.scheduleTask(in: ConnectPatience.limit) { [weak self] in
            guard let self, state.withLock({ $0.push.isAwaited(number) }) else { return }
            watch.failed(.silence(of: options.url, isConnected: false))
        }
    }
}
