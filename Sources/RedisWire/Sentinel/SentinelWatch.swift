// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Logging
package import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// Knows where the primary of a name is: asks and hears the Sentinels, for all links of the process.
///
/// ``SentinelState`` decides; this holds the connections and the clock. There is no task behind it: it lives on one event
/// loop, where all its changes happen, and ends with the last link that uses it.
package final class SentinelWatch: Sendable {
    private struct Follower { weak var link: (any AddressFollower)? }

    private struct Line {
        var number: Int
        var channel: (any Channel)?
    }

    private struct Shared {
        var state: SentinelState
        var lines: [RedisAddress: Line] = [:]
        var waiters: [EventLoopPromise<RedisAddress>] = []
        var followers: [Follower] = []
        var timer: (task: Scheduled<Void>, deadline: NIODeadline)?
        var lastNumber = 0
    }

    private let options: RedisOptions
    private let name: String
    private let logger: Logger
    private let context: NIOSSLContext?
    private let loop: any EventLoop
    private let shared: Mutex<Shared>

    /// Makes one; reads the files of certificates, does not connect.
    init(_ sentinels: [RedisAddress], primary name: String, _ options: RedisOptions, logger: Logger) throws(RedisError)
    {
        self.options = options
        self.name = name
        self.logger = logger
        loop = options.loop.eventLoop
        let example = options.sentinel(at: sentinels.first ?? .socket(path: ""))
        context = example.url.isEncrypted ? try example.tls.makeContext() : nil
        shared = Mutex(Shared(state: SentinelState(sentinels, name: name)))
    }

    deinit {
        let (channels, waiters) = shared.withLock { shared in
            shared.timer?.task.cancel()
            return (shared.lines.values.compactMap(\.channel), shared.waiters)
        }
        for channel in channels { channel.close(promise: nil) }
        for waiter in waiters { waiter.fail(RedisError(.closed, "the link has been closed")) }
    }

    /// The Sentinels that are known now.
    package var sentinels: [RedisAddress] { shared.withLock { $0.state.sentinels } }
}

extension SentinelWatch: AddressSource {
    package func add(_ follower: any AddressFollower) {
        shared.withLock { shared in
            shared.followers.removeAll { $0.link == nil }
            shared.followers.append(Follower(link: follower))
        }
    }

    package func address(on loop: any EventLoop) -> EventLoopFuture<RedisAddress> {
        let promise = loop.makePromise(of: RedisAddress.self)
        self.loop.execute { self.want(promise) }
        return promise.futureResult
    }

    private func want(_ promise: EventLoopPromise<RedisAddress>) {
        let chance = Double.random(in: 0...1)
        let (address, steps) = shared.withLock { shared in
            let (address, steps) = shared.state.want(at: .now(), chance: chance)
            if address == nil { shared.waiters.append(promise) }
            return (address, steps)
        }
        if let address { promise.succeed(address) }
        perform(steps)
    }

    package func proved(_ address: RedisAddress, by follower: any AddressFollower) {
        loop.execute { [weak follower] in
            self.change { state, now, _ in state.proved(address, at: now) }
            // The primary may have changed while the connection was made.
            guard let current = self.shared.withLock({ $0.state.primary?.address }), current != address else { return }
            follower?.leave(for: current, because: .left(address, for: current, name: self.name))
        }
    }

    package func failed(_ address: RedisAddress, isRefuted: Bool) {
        loop.execute { self.change { $0.failed(address, isRefuted: isRefuted, at: $1, chance: $2) } }
    }

    package func doubt(_ address: RedisAddress, because cause: String, isConnected: Bool) {
        loop.execute { self.change { $0.doubt(address, because: cause, isConnected: isConnected, at: $1, chance: $2) } }
    }
}

/// What Sentinels say, on the event loop.
extension SentinelWatch: SentinelListener {
    func opened(_ line: SentinelLine, _ channel: any Channel) {
        let isWanted = shared.withLock { shared in
            guard shared.lines[line.sentinel]?.number == line.number else { return false }
            shared.lines[line.sentinel]?.channel = channel
            return true
        }
        if !isWanted { channel.close(promise: nil) }
    }

    func replied(_ line: SentinelLine, _ replies: [RedisReply]) {
        guard isCurrent(line) else { return }
        do throws(RedisError) {
            let report = try SentinelReport(replies).mapped(by: options.addressMap)
            change { $0.answered(line.sentinel, report, at: $1, chance: $2) }
        } catch { change { $0.failed(SentinelProblem(line.sentinel, error), at: $1, chance: $2) } }
    }

    func announced(_ line: SentinelLine, _ event: SentinelEvent) {
        guard isCurrent(line) else { return }
        change { [map = options.addressMap] state, now, _ in
            state.announced(event.mapped(by: map), by: line.sentinel, at: now)
        }
    }

    func ended(_ line: SentinelLine, _ error: RedisError) {
        let isCurrent = shared.withLock { shared in
            guard shared.lines[line.sentinel]?.number == line.number else { return false }
            shared.lines[line.sentinel] = nil
            return true
        }
        if isCurrent { change { $0.failed(SentinelProblem(line.sentinel, error), at: $1, chance: $2) } }
    }

    private func isCurrent(_ line: SentinelLine) -> Bool {
        shared.withLock { $0.lines[line.sentinel]?.number == line.number }
    }
}

/// What follows from a change, on the event loop.
extension SentinelWatch {
    private func change(_ body: (inout SentinelState, NIODeadline, Double) -> [SentinelState.Step]) {
        let chance = Double.random(in: 0...1)
        perform(shared.withLock { body(&$0.state, .now(), chance) })
    }

    private func perform(_ steps: [SentinelState.Step]) {
        for step in steps { perform(step) }
        setTimer()
    }

    private func perform(_ step: SentinelState.Step) {
        switch step {
        case .ask(let sentinel, let forPeers): ask(sentinel, SentinelAsk(forPeers: forPeers))
        case .drop(let sentinel):
            shared.withLock { $0.lines.removeValue(forKey: sentinel) }?.channel?.close(promise: nil)
        case .offer(let address): for waiter in takeWaiters() { waiter.succeed(address) }
        case .refuse(let failure):
            let error = failure.error(name)
            for waiter in takeWaiters() { waiter.fail(error) }
        case .leave(let former, let address, _):
            let error = RedisError.left(former, for: address, name: name)
            for follower in shared.withLock({ $0.followers }) { follower.link?.leave(for: address, because: error) }
        case .tell(let note):
            logger.log(
                level: note.level, "\(note.sentence(about: name))",
                metadata: [LinkLoggingKeys.address: "\(options.url)", "broker.primary": "\(name)"])
        }
    }

    private func takeWaiters() -> [EventLoopPromise<RedisAddress>] {
        shared.withLock { shared in
            defer { shared.waiters = [] }
            return shared.waiters
        }
    }

    private func ask(_ sentinel: RedisAddress, _ question: SentinelAsk) {
        let line = shared.withLock { shared -> SentinelLine? in
            guard shared.lines[sentinel]?.channel == nil else { return nil }
            shared.lastNumber += 1
            shared.lines[sentinel] = Line(number: shared.lastNumber)
            return SentinelLine(sentinel: sentinel, number: shared.lastNumber)
        }
        if let line { return connect(line, question) }
        shared.withLock { $0.lines[sentinel]?.channel }?.triggerUserOutboundEvent(question, promise: nil)
    }

    private func connect(_ line: SentinelLine, _ question: SentinelAsk) {
        var options = options.sentinel(at: line.sentinel)
        options.connectTimeout = Duration(SentinelTimes().patience)
        ClientBootstrap.make(options) { [self, options] channel in
            if let context { try channel.pipeline.syncOperations.addHandler(TLSHandler.make(options, context)) }
            guard let reader = ReplyReader(limits: .sentinel) else {
                throw RedisError(.connection, "no memory for a connection")
            }
            try channel.pipeline.syncOperations.addHandler(
                SentinelHandler(options, line, primary: name, asking: question, reader: reader, listener: self))
        }.connect(options).whenFailure { [weak self] error in
            self?.ended(line, RedisError(connectingToSentinel: error))
        }
    }

    /// Sets the clock for what is due next. One that rings too early is set again, so that most changes set none.
    private func setTimer() {
        shared.withLock { shared in
            let due = shared.state.nextWake
            if let timer = shared.timer, timer.deadline <= due { return }
            shared.timer?.task.cancel()
            shared.timer = nil
            guard due < .distantFuture else { return }
            let task = loop.scheduleTask(deadline: due) { [weak self] in
                self?.ring()
                return
            }
            shared.timer = (task, due)
        }
    }

    private func ring() {
        shared.withLock { $0.timer = nil }
        change { $0.wake(at: $1, chance: $2) }
    }
}

extension RedisError {
    /// Makes the error for a Sentinel to which no connection was made, for a list of several.
    fileprivate init(connectingToSentinel error: any Error) {
        let last = (error as? NIOConnectionError)?.connectionErrors.last?.error ?? error
        if case ChannelError.connectTimeout(let limit) = last {
            self.init(.connection, "no answer within \(Duration(limit).inWords)")
        } else {
            self.init(.connection, ForeignErrorText.cause(of: error).lowercased())
        }
    }

    /// Makes the error for what was under way on a connection that was left.
    static func left(_ former: RedisAddress, for address: RedisAddress, name: String) -> RedisError {
        RedisError(.connection, "left \(former), since the primary '\(name)' is \(address) now", effect: .unknown)
    }
}

extension ReplyLimits {
    /// What a Sentinel answers is short.
    fileprivate static var sentinel: ReplyLimits {
        var limits = ReplyLimits()
        (limits.textBytes, limits.elements, limits.batchBytes) = (64 << 10, 4096, 1 << 20)
        return limits
    }
}
