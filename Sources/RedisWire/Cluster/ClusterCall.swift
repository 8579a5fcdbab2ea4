// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Synchronization

/// One batch on its way through a cluster: carries out what ``ClusterBatch`` decides.
final class ClusterCall: Sendable {
    /// How long one attempt to reach a node may take before the map is asked again where the slot is.
    private static let attempt = Duration.milliseconds(500)
    /// The shortest timeout of a command that is sent again: a shorter one would end the calls of others.
    private static let shortestTimeout = Duration.seconds(1)

    private struct State {
        var batch: ClusterBatch
        var timer: Scheduled<Void>?
    }

    private let line: ClusterLine
    private let pending: PendingReplies
    /// Until when what was refused is sent again.
    private let deadline: NIODeadline
    /// Whether that is later than the time that one node may be silent.
    private let isPatient: Bool
    private let state: Mutex<State>

    init(_ line: ClusterLine, _ commands: RedisCommands, _ pending: PendingReplies, _ patience: Duration?) {
        self.line = line
        self.pending = pending
        deadline = .now() + TimeAmount(max(pending.timeout, patience ?? .zero))
        isPatient = pending.timeout < patience ?? .zero
        state = Mutex(
            State(batch: ClusterBatch(commands, until: deadline, isBlocking: pending.mayBlock, line.cluster)))
    }

    /// Sends the first writes.
    func begin() {
        run(state.withLock { $0.batch.begin(line.cluster) })
    }

    /// Gives up everything that is not sent.
    func close() {
        run(state.withLock { $0.batch.close(.clusterClosed, line.cluster) })
    }

    private func run(_ step: ClusterBatch.Step) {
        if step.isDoubtful { line.cluster.doubt(isUrgent: false) }
        if let result = step.result { return finish(result) }
        var isSent = true
        for write in step.writes where !send(write) { isSent = false }
        if !isSent || step.writes.isEmpty { wait() }
    }

    private func finish(_ result: Result<RedisReplies, RedisError>) {
        let timer = state.withLock { $0.timer }
        timer?.cancel()
        line.ended(self, byteCount: pending.byteCount)
        pending.finish(result)
    }

    /// Wakes up when something is to be sent again, or when the time is over.
    private func wait() {
        guard let due = state.withLock({ $0.batch.nextWake }) else { return }
        guard line.waits(self) else { return close() }
        let timer = line.schedule(at: due) { self.wake() }
        let former = state.withLock { state in
            defer { state.timer = timer }
            return state.timer
        }
        former?.cancel()
    }

    private func wake() {
        // It may have ended while it began to wait.
        if state.withLock({ $0.batch.isDone }) { return line.ended(self, byteCount: 0) }
        run(state.withLock { $0.batch.wake(line.cluster, at: .now()) })
    }
}

/// Writes.
extension ClusterCall {
    /// Sends a write; returns whether it is on its way already.
    private func send(_ write: ClusterWrite) -> Bool {
        guard let node = write.node ?? line.anyNode(avoiding: write.avoided) else {
            take(write, .failure(RedisError(.connection, "no node of the cluster is known")), from: nil)
            return true
        }
        do throws(RedisError) {
            let link = try line.links.link(to: node)
            if let connection = link.openConnection {
                deliver(write, to: node, on: connection)
                return true
            }
            link.whenConnected(within: min(Self.attempt, Duration(max(.zero, deadline - .now())))) { result in
                switch result {
                case .success(let connection): self.deliver(write, to: node, on: connection)
                case .failure(let error): self.take(write, .failure(error), from: node)
                }
            }
        } catch {
            take(write, .failure(error), from: node)
            return true
        }
        return false
    }

    private func deliver(_ write: ClusterWrite, to node: RedisNode, on connection: RedisConnection) {
        guard state.withLock({ $0.batch.release(write.number) }) else { return }
        do throws(RedisError) {
            let reply = try connection.submit(
                encoded: write.bytes, count: write.replyCount, timeout: timeout, mayBlock: pending.mayBlock)
            reply.whenDone { [self] in
                if let outcome = reply.outcome { take(write, outcome, from: node, on: connection) }
            }
        } catch {
            // A connection that was closed since is made again; one that is ours to close ends the call.
            let isOurs = error.code == .closed && line.end == nil
            take(write, .failure(isOurs ? .replaced : error), from: node)
        }
    }

    private var timeout: Duration {
        if pending.mayBlock || isPatient { return pending.timeout }
        return min(pending.timeout, max(Duration(deadline - .now()), Self.shortestTimeout))
    }

    private func take(
        _ write: ClusterWrite, _ result: Result<RedisReplies, RedisError>, from node: RedisNode?,
        on connection: RedisConnection? = nil
    ) {
        let chance = Double.random(in: 0...1)
        let step = state.withLock { state in
            state.batch.take(write.number, result, from: node, line.cluster, at: .now(), chance: chance)
        }
        if let connection { pending.carried(step.carriedOut, connection) }
        if let displaced = step.displaced { line.links.renew(displaced, after: connection) }
        run(step)
    }
}

extension RedisError {
    fileprivate static let replaced = RedisError(.connection, "the connection has been replaced")
}
