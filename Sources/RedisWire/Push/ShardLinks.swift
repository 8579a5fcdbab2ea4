// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import Logging
import NIOCore
import Synchronization

/// Listens to sharded channels of a cluster: one connection for each node at which a slot is listened to.
///
/// There is no task behind it: it lives on the event loop of its connections, where every change is made, so that what
/// follows from one change is done before the next one.
package final class ShardLinks<Directory: ShardDirectory>: PushListening {
    fileprivate typealias Node = Directory.Node

    private struct State {
        var shards = ShardState<Node, PushWait.Waiter>()
        var links: [Node: PushLink] = [:]
        var lastTicket = 0
        var nextLine = NIODeadline.uptimeNanoseconds(0)
    }

    private let options: RedisOptions
    private let directory: Directory
    private let checkTime: Duration
    private let logger: Logger
    private let receiver: any PushReceiver
    private let loop: any EventLoop
    private let state = Mutex(State())

    /// Makes links; connects to nothing yet.
    ///
    /// - Parameters:
    ///   - options: How long to wait, and on which event loop.
    ///   - directory: Knows the nodes.
    ///   - checkTime: How often each channel is asked for once more, in case a node has lost it silently.
    ///   - logger: Logs gaps and refusals.
    ///   - receiver: Takes the messages, and what cannot be read.
    package init(
        _ options: RedisOptions, directory: Directory, checkTime: Duration = .seconds(60),
        logger: Logger,
        receiver: any PushReceiver
    ) throws(RedisError) {
        try options.validate()
        self.options = options
        self.directory = directory
        self.checkTime = checkTime
        self.logger = logger
        self.receiver = receiver
        loop = options.loop.eventLoop
    }

    package func subscribe(_ topic: PushTopic) async throws(RedisError) {
        let ticket = state.withLock { state in
            state.lastTicket += 1
            return state.lastTicket
        }
        try await PushWait.confirmation(within: options.connectTimeout, on: loop) { waiter in
            loop.execute { self.want(topic, waiter, ticket) }
        } giveUp: { [weak self, loop] isCancelled in
            loop.execute { [weak self] in self?.giveUp(topic, ticket, isCancelled) }
        }
    }

    package func unsubscribe(_ topic: PushTopic) {
        loop.execute { [weak self] in self?.release(topic) }
    }

    package func resume() {
        for link in state.withLock({ $0.links.values }) { link.resume() }
    }

    package var report: PushReport {
        let (shards, links) = state.withLock { ($0.shards, $0.links.values.map(\.report)) }
        return PushReport(
            isOpen: links.contains { $0.isOpen }, isPaused: links.contains { $0.isPaused },
            topics: shards.count,
            confirmed: shards.confirmed, gaps: shards.gaps, lastError: shards.lastError,
            refusal: shards.refusal)
    }

    package func close() async {
        let (waiters, links) = state.withLock { ($0.shards.close(), $0.links.values) }
        for waiter in waiters { waiter.resume(returning: .failure(PushState<PushWait.Waiter>.closed)) }
        for link in links { await link.close() }
    }
}

/// Calls of callers, on the event loop.
extension ShardLinks {
    private func want(_ topic: PushTopic, _ waiter: PushWait.Waiter, _ ticket: Int) {
        let owner = directory.owner(of: RedisSlot(of: topic.text))
        if owner == nil { directory.doubt() }
        let (result, steps) = state.withLock { $0.shards.want(topic, waiter, ticket, owner: owner) }
        perform(steps)
        if let result { waiter.resume(returning: result) }
    }

    private func release(_ topic: PushTopic) {
        perform(state.withLock { $0.shards.release(topic) })
    }

    private func giveUp(_ topic: PushTopic, _ ticket: Int, _ isCancelled: Bool) {
        let (given, reason) = state.withLock { ($0.shards.giveUp(topic, ticket), $0.shards.lastError) }
        guard let given else { return }
        perform(given.steps)
        let silence = RedisError(.timeout, "no confirmation within \(options.connectTimeout.inWords)")
        given.waiter.resume(returning: .failure(isCancelled ? .cancelled : reason ?? silence))
    }
}

/// Steps, on the event loop.
extension ShardLinks {
    private func perform(_ steps: [ShardState<Node, PushWait.Waiter>.Step]) {
        if steps.isEmpty { return }
        for step in steps {
            switch step {
            case .add(let topic, let node): link(node)?.add(topic)
            case .drop(let topic, let node): state.withLock { $0.links[node] }?.unsubscribe(topic)
            case .askAgain(let node): state.withLock { $0.links[node] }?.askAgain()
            case .search(let wait):
                loop.scheduleTask(in: TimeAmount(wait)) { [weak self] in self?.search() }
            }
        }
        endUnusedLinks()
    }

    private func search() {
        let steps = state.withLock { state in
            state.shards.searched(chance: .random(in: 0...1)) { directory.owner(of: $0) }
        }
        if !steps.isEmpty { directory.doubt() }
        perform(steps)
    }

    /// Returns the link to a node; `nil` after it could not be made, since a file of certificates is gone.
    private func link(_ node: Node) -> PushLink? {
        if let link = state.withLock({ $0.links[node] }) { return link }
        do throws(RedisError) {
            // This says itself what is missed.
            let quiet = Logger(label: logger.label) { _ in SwiftLogNoOpLogHandler() }
            let link = try PushLink(
                options, servers: OneNode(options, directory, node), checkTime: checkTime, logger: quiet,
                receiver: NodeReceiver(links: self, node: node))
            state.withLock { $0.links[node] = link }
            return link
        } catch {
            finish(state.withLock { $0.shards.lost(node, error) })
            return nil
        }
    }

    private func endUnusedLinks() {
        let unused = state.withLock { state in
            let homes = state.shards.homes
            let unused = state.links.filter { !homes.contains($0.key) }
            for node in unused.keys { state.links[node] = nil }
            return unused.values
        }
        for link in unused { link.end() }
    }
}

/// Events of nodes, on the event loop.
extension ShardLinks {
    fileprivate func take(_ events: [PushEvent], from node: Node) -> Bool {
        var forwarded: [PushEvent] = []
        var outcomes: [ShardState<Node, PushWait.Waiter>.Outcome] = []
        state.withLock { state in
            for event in events {
                switch event {
                case .message(let message):
                    if state.shards.counts(message.topic, from: node) { forwarded.append(event) }
                case .unreadable: forwarded.append(event)
                case .began(let topic): outcomes.append(state.shards.began(topic, at: node))
                case .ended(let topic): outcomes.append(state.shards.ended(topic, at: node))
                case .refused(let topic, let error):
                    let owner = error.serverError.flatMap { directory.note($0, by: node) }
                    outcomes.append(state.shards.refused(topic, error, at: node, owner: owner))
                case .lost(let error): outcomes.append(state.shards.lost(node, error))
                }
            }
        }
        let hasRoom = forwarded.isEmpty || receiver.take(forwarded)
        for outcome in outcomes { finish(outcome) }
        log(events, outcomes, node)
        return hasRoom
    }

    private func finish(_ outcome: ShardState<Node, PushWait.Waiter>.Outcome) {
        for (waiter, result) in outcome.results { waiter.resume(returning: result) }
        perform(outcome.steps)
    }

    /// Logs what was lost, at most one line a second: a cluster that is divided anew moves many slots.
    private func log(
        _ events: [PushEvent], _ outcomes: [ShardState<Node, PushWait.Waiter>.Outcome], _ node: Node
    ) {
        guard outcomes.contains(where: \.isGap) else { return }
        let gaps = state.withLock { state -> Int? in
            if NIODeadline.now() < state.nextLine { return nil }
            state.nextLine = .now() + .seconds(1)
            return state.shards.gaps
        }
        guard let gaps else { return }
        var metadata: Logger.Metadata = [
            LinkLoggingKeys.address: "\(directory.place(of: node).address)", "broker.gaps": "\(gaps)",
        ]
        for case .lost(let error) in events { metadata[LinkLoggingKeys.error] = "\(error)" }
        let cause =
            metadata[LinkLoggingKeys.error] == nil
            ? "a slot has moved to another node" : "the connection to a node is lost"
        logger.warning(
            "Live messages are missed until their channels are found again: \(cause)", metadata: metadata)
    }
}

/// The connection to one node, as long as it belongs to the cluster.
private struct OneNode<Directory: ShardDirectory>: PushServers {
    private let options: RedisOptions
    private let directory: Directory
    private let node: Directory.Node

    init(_ options: RedisOptions, _ directory: Directory, _ node: Directory.Node) {
        let place = directory.place(of: node)
        self.options = options.node(at: place.address, named: place.certificateName)
        self.directory = directory
        self.node = node
    }

    func next() -> RedisOptions { options }

    func contains(_ address: RedisAddress) -> Bool {
        directory.doubt()
        return directory.contains(node)
    }
}

/// Takes the events of one node.
private struct NodeReceiver<Directory: ShardDirectory>: PushReceiver {
    weak let links: ShardLinks<Directory>?
    let node: Directory.Node

    func take(_ events: [PushEvent]) -> Bool {
        links?.take(events, from: node) ?? false
    }
}
