// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Logging
import NIOCore
import NIOPosix
import Synchronization

/// Asking for the map.
extension Cluster {
    /// Notes that the map may be wrong.
    ///
    /// - Parameter isUrgent: Whether somebody cannot go on until the nodes have told another one.
    func doubt(isUrgent: Bool) {
        let chance = Double.random(in: 0...1)
        let due = state.withLock {
            $0.policy.want(at: .now(), nodes: $0.map.nodes.count, isUrgent: isUrgent, chance: chance)
        }
        if let due { setTimer(due) }
    }

    private func setTimer(_ due: NIODeadline) {
        let timer = loop.scheduleTask(deadline: due) { [weak self] in if let self { ask() } }
        let former = state.withLock { state in
            defer { state.timer = timer }
            return state.timer
        }
        former?.cancel()
    }

    private func ask() {
        let asked = state.withLock { state -> (nodes: [RedisNode], number: Int)? in
            guard state.policy.begin(at: .now()) else { return nil }
            let known = state.map.nodes.shuffled()
            var round = MapRound(known + seeds.shuffled().filter { state.map.node(at: $0.address) == nil })
            state.roundNumber += 1
            let nodes = round.next()
            state.round = round
            return (nodes, state.roundNumber)
        }
        guard let asked else { return }
        for node in asked.nodes { ask(node, asked.number) }
    }

    private func ask(_ node: RedisNode, _ round: Int) {
        do throws(RedisError) {
            try links.link(to: node).whenConnected(within: Self.patience) { result in
                switch result {
                case .success(let connection): self.ask(node, round, on: connection)
                case .failure(let error): self.take(.failure(error), round)
                }
            }
        } catch {
            take(.failure(error), round)
        }
    }

    private func ask(_ node: RedisNode, _ round: Int, on connection: RedisConnection) {
        var commands = RedisCommands("CLUSTER", "SLOTS", for: .anyNode)
        commands.begin(2, "CLUSTER", for: .anyNode)
        commands.add("INFO" as StaticString)
        do throws(RedisError) {
            let pending = try connection.submit(commands, timeout: Self.patience)
            pending.whenDone { [self] in
                guard let outcome = pending.outcome else { return }
                take(Result { () throws(RedisError) in try view(of: outcome.get(), from: node) }, round)
            }
        } catch {
            take(.failure(error), round)
        }
    }

    private func view(of replies: RedisReplies, from node: RedisNode) throws(RedisError) -> SlotView {
        guard let slots = replies[0] else { throw RedisError(.malformedReply, "there is no reply") }
        if let error = slots.error { throw RedisError(error).found(asNodeAt: node.address) }
        let view = SlotView(slots, info: replies[1], askedAt: node.address, options.addressMap)
        guard let view else {
            throw RedisError(.malformedReply, "\(node) does not say which node of its cluster has which slot")
        }
        if view.covered.count == 0 {
            throw RedisError(.connection, "\(node) knows no slot of a cluster; has the cluster been made?")
        }
        return view
    }
}

/// What the nodes told.
extension Cluster {
    private func take(_ answer: Result<SlotView, RedisError>, _ number: Int) {
        let step = state.withLock { state in
            guard number == state.roundNumber else { return MapRound.Step.wait }
            return state.round?.take(answer) ?? .wait
        }
        switch step {
        case .wait: return
        case .waitBriefly: loop.scheduleTask(in: Self.moment) { self.end(number) }
        case .ask(let nodes): for node in nodes { ask(node, number) }
        case .done: end(number)
        }
    }

    private func end(_ number: Int) {
        let chance = Double.random(in: 0...1)
        let ended = state.withLock { state -> Ended? in
            guard number == state.roundNumber, let round = state.round else { return nil }
            state.round = nil
            let best = SlotView.best(of: round.views, for: state.used)
            let isNew = best.map { state.map.follow($0) } ?? false
            if best != nil { state.toldAt = .now() }
            let due = state.policy.end(isNew: isNew, at: .now(), nodes: state.map.nodes.count, chance: chance)
            let error = best == nil ? round.error(options.url.place) : nil
            defer { state.waiters = [] }
            return Ended(
                due: due, error: error, waiters: state.waiters, lines: state.lines.values.compactMap(\.line),
                nodes: Set(state.map.nodes))
        }
        guard let ended else { return }
        if !ended.lines.isEmpty || !ended.waiters.isEmpty { setTimer(ended.due) }
        if ended.error == nil { for line in ended.lines { line.links.keep(ended.nodes) } }
        if let error = ended.error {
            logger.debug("could not ask for the map", metadata: [LinkLoggingKeys.error: "\(error)"])
        }
        for waiter in ended.waiters { waiter(ended.error.map { .failure($0) } ?? .success(())) }
        links.keep(ended.nodes.union(seeds))
        loop.scheduleTask(in: Self.idleLimit) { [weak self] in self?.rest(after: number) }
    }

    /// Closes the connections for the map if it was not asked for lately.
    private func rest(after number: Int) {
        if state.withLock({ $0.roundNumber == number }) { links.closeIdle() }
    }

    private struct Ended {
        var due: NIODeadline
        var error: RedisError?
        var waiters: [@Sendable (Result<Void, RedisError>) -> Void]
        var lines: [ClusterLine]
        var nodes: Set<RedisNode>
    }
}

extension RedisError {
    /// Returns the error of a server that was asked for the map of its cluster.
    fileprivate func found(asNodeAt address: RedisAddress) -> RedisError {
        guard let text = serverError?.text, text.contains("cluster support disabled") else { return self }
        return RedisError(
            .configuration,
            "the server at \(address) is no node of a cluster; write redis:// in 'url' in place of redis+cluster://")
    }
}
