// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerTestKit
import Logging
import Synchronization

/// One process: a registry behind a connection of its own to the common memory.
final class SimulatedProcess: Sendable {
    private struct State {
        var handlers: [GroupName: HandlerID] = [:]
        var isDead = false
        var isLeaving = false
        var hasEnded = false
        var isUnclean = false
    }

    let number: Int
    let world: SimulatedWorld
    let member: Situation.Member
    private let connection: FaultInjectingProvider
    let executor: FreezableExecutor
    let registry: BrokerRegistry
    private let state = Mutex(State())

    init(_ number: Int, _ member: Situation.Member, in world: SimulatedWorld) throws {
        self.number = number
        self.world = world
        self.member = member
        connection = FaultInjectingProvider(Wire(server: world.server, process: number, chronicle: world.chronicle))
        let replyInbox = Desk(
            base: connection, process: number, chronicle: world.chronicle,
            deadLetters: world.situation.deadLetters)
        executor = FreezableExecutor(world.time.executor)
        var runtime = EngineRuntime(
            clock: world.time.clock, leaseExecutor: executor, random: { world.dice.bits() },
            instance: "process\(number)")
        runtime.backlog.messages = world.situation.backlog
        registry = try BrokerRegistry(
            configuration: world.situation.configuration(of: member),
            providers: [OneProviderFactory(provider: replyInbox)], codec: NoCodec(),
            observers: [
                ProcessObserver(
                    process: number, member: member, room: world.situation.room(of: member),
                    chronicle: world.chronicle)
            ],
            logger: Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() }, runtime: runtime)
    }

    var hasTimeout: Bool { member.timeout != nil }
    var faults: FaultInjector { connection.faults }
    var isDead: Bool { state.withLock { $0.isDead } }
    var isLeaving: Bool { state.withLock { $0.isLeaving } }
    var hasEnded: Bool { state.withLock { $0.hasEnded } }
    /// Whether its drain left something unsettled.
    var isUnclean: Bool { state.withLock { $0.isUnclean } }

    /// Why it is not healthy; empty when it is.
    var complaints: [String] {
        get async { await registry.health().filter { $0.status != .healthy }.flatMap(\.reasons) }
    }

    /// Begins to run, with a handler for every group.
    func start() {
        addHandlers()
        world.errands.add(on: executor) { await self.run() }
    }

    private func run() async {
        do {
            try await registry.run()
        } catch {
            state.withLock { $0.isUnclean = true }
            world.chronicle.note("\(number) fails: \(error)")
        }
        let isClean = !isUnclean
        world.chronicle.note("\(number) has ended") { rules, _ in
            guard !rules.handling.isDead(number) else { return }
            rules.handling.ended(number)
            if isClean { rules.holding.ended(number, rules.leases.entries) }
        }
        state.withLock { $0.hasEnded = true }
    }

    /// Adds a handler for every group that has none.
    func addHandlers() {
        for group in world.situation.groups where state.withLock({ $0.handlers[group] }) == nil {
            let station = HandlingRules.Station(process: number, number: world.nextStation())
            let handler = SimulatedHandler(
                station: station, group: group, limits: member.limits, executor: executor, world: world)
            do {
                let id = try registry.add(self.handler(handler))
                state.withLock { $0.handlers[group] = id }
            } catch {
                world.chronicle.blame("a handler that fits was not added: \(error)")
            }
        }
    }

    private func handler(_ handler: SimulatedHandler) -> StreamHandler {
        if let batch = member.batch {
            StreamHandler("orders", group: handler.group, batch: batch) { try await handler.handle($0) }
        } else {
            StreamHandler("orders", group: handler.group) { try await handler.handle([$0]) }
        }
    }

    /// Removes the handler of a group, if there is one, unless the process is frozen and does nothing at all.
    func removeHandler(_ group: GroupName) {
        guard !executor.isFrozen, let id = state.withLock({ $0.handlers.removeValue(forKey: group) }) else { return }
        world.errands.add(on: executor) { await self.registry.remove(id) }
    }

    /// Ends as a process should.
    func drain() {
        state.withLock { $0.isLeaving = true }
        world.chronicle.note("\(number) drains") { rules, _ in rules.handling.drained(number) }
        registry.drain()
    }

    /// Ends as a process should not: nothing it does from now on reaches anybody.
    func kill() {
        state.withLock { $0.isDead = true }
        world.chronicle.note("\(number) dies") { rules, _ in rules.handling.died(number) }
        faults.cut()
        faults.release()
        drain()
        executor.thaw()
    }

    /// Stops every one of its tasks, as SIGSTOP does.
    func freeze() {
        stall()
        executor.freeze()
    }

    /// Lets its tasks go on.
    func thaw() {
        guard executor.isFrozen else { return }
        stall()
        executor.thaw()
    }

    private func stall() {
        world.chronicle.note("\(number) is out of time") { rules, _ in
            rules.handling.stalled(number, rules.holding.unheard(by: number))
        }
    }

    /// The server's clock is stepped, so that any lease may have ended without its knowing.
    func lag() {
        world.chronicle.note("\(number) is out of time with the server") { rules, _ in
            rules.handling.stalled(number, rules.leases.entries.mapValues(\.attempt))
        }
    }

    /// Ends every disturbance; of a dead process only what hangs goes on.
    func calm() {
        if !isDead { faults.restore() }
        faults.release()
        thaw()
    }
}

/// Gives every broker the same provider.
private struct OneProviderFactory: BrokerProviderFactory {
    let provider: any BrokerProvider
    let name = Situation.provider
    var capabilities: BrokerCapabilities { provider.capabilities }

    func makeProvider(_ context: ProviderContext, options: inout ConfigurationReader) -> (any BrokerProvider)? {
        provider
    }
}
