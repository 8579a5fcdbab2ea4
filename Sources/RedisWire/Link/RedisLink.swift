// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import Logging
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A connection that is made on demand and made again when it broke.
///
/// The first caller who finds none connects, all others wait for it. There is no task behind it: a link that nobody
/// asks does nothing. Attempts keep their distance by ``Backoff``, however many callers there are; an attempt that
/// fails is reported to all who waited for it, and what they do next is theirs to decide.
package final class RedisLink: Sendable {
    private struct State {
        var link: LinkState
        var followers: [Int: CheckedContinuation<Void, Never>] = [:]
        var followerCount = 0

        mutating func takeFollowers() -> some Sequence<CheckedContinuation<Void, Never>> {
            defer { followers = [:] }
            return followers.values
        }
    }

    private let options: RedisOptions
    private let context: NIOSSLContext?
    private let logger: Logger
    private let state: Mutex<State>

    /// Makes a link; reads the files of certificates, does not connect.
    package init(_ options: RedisOptions, backoff: Backoff = Backoff(), logger: Logger) throws(RedisError) {
        try options.validate()
        self.options = options
        context = options.url.isEncrypted ? try options.tls.makeContext() : nil
        self.logger = logger
        state = Mutex(State(link: LinkState(backoff: backoff)))
    }

    /// The open connection, or a new one; takes no longer than the back-off and the connect timeout.
    ///
    /// - Throws: why the attempt failed, or ``RedisError/Code/closed``; a cancelled caller gives up, and
    ///   another one who waits goes on in its place.
    package func connection() async throws(RedisError) -> RedisConnection {
        while true {
            let attempts = state.withLock { $0.link.attempts }
            let chance = Double.random(in: 0...1)
            switch state.withLock({ $0.link.enter(chance: chance) }) {
            case .use(let connection): return connection
            case .closed: throw Self.closed
            case .lead(let wait): return try await lead(after: wait)
            case .follow:
                await follow()
                let (current, error) = state.withLock { ($0.link.attempts, $0.link.lastError) }
                if current != attempts, let error { throw error }
                if Task.isCancelled { throw ConnectAttempt.cancelled }
            }
        }
    }

    /// The connection, if it is open now.
    package var openConnection: RedisConnection? { state.withLock { $0.link.openConnection } }

    /// Closes the link and its connection for good.
    package func close() async {
        let (connection, followers) = state.withLock { state in
            (state.link.close(), state.takeFollowers())
        }
        for follower in followers { follower.resume() }
        await connection?.close()
    }

    // MARK: Connecting

    private func lead(after wait: Duration) async throws(RedisError) -> RedisConnection {
        guard await pause(wait) else {
            finish { $0.abandoned() }
            throw ConnectAttempt.cancelled
        }
        let connection = try await attempt()
        guard finish({ $0.connected(connection) }) else {
            await connection.close()
            throw Self.closed
        }
        return connection
    }

    private func attempt() async throws(RedisError) -> RedisConnection {
        do throws(RedisError) {
            let connection = try await RedisConnection.connect(options, context: context)
            logger.debug("connected", metadata: ["broker.address": "\(options.url)"])
            return connection
        } catch {
            if Task.isCancelled {
                finish { $0.abandoned() }
                throw ConnectAttempt.cancelled
            }
            finish { $0.failed(error) }
            let metadata: Logger.Metadata = ["broker.address": "\(options.url)", "broker.error": "\(error)"]
            logger.debug("could not connect", metadata: metadata)
            throw error
        }
    }

    /// Changes the state and wakes everybody who waited for that.
    @discardableResult
    private func finish<Answer: Sendable>(_ change: (inout LinkState) -> Answer) -> Answer {
        let (answer, followers) = state.withLock { state in
            (change(&state.link), state.takeFollowers())
        }
        for follower in followers { follower.resume() }
        return answer
    }

    /// Waits for the one who connects, or until the task is cancelled.
    private func follow() async {
        let number = state.withLock { state in
            state.followerCount += 1
            return state.followerCount
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isLate = state.withLock { state in
                    // Cancelled before it is listed, its handler may have found nothing.
                    guard state.link.isConnecting, !Task.isCancelled else { return true }
                    state.followers[number] = continuation
                    return false
                }
                if isLate { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.followers.removeValue(forKey: number) }?.resume()
        }
    }

    /// Waits on an event loop; false when the task was cancelled before the end.
    private func pause(_ duration: Duration) async -> Bool {
        if duration <= .zero { return !Task.isCancelled }
        let loop = MultiThreadedEventLoopGroup.singleton.any()
        let timer = loop.scheduleTask(in: TimeAmount(duration)) {}
        _ = await withTaskCancellationHandler {
            await Result.catching { () async throws in try await timer.futureResult.get() }
        } onCancel: {
            timer.cancel()
        }
        return !Task.isCancelled
    }

    private static let closed = RedisError(.closed, "the link has been closed")
}
