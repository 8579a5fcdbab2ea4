// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Logging
import ServiceLifecycle
import Synchronization

/// Consuming: from the start-up check to the end of the drain.
extension BrokerRegistry {
    /// Consumes for every handler until a graceful shutdown, ``drain()`` or cancellation.
    ///
    /// Throws a ``ConfigurationError`` before any traffic when handlers do not fit the configuration, and a
    /// ``BrokerError`` when the drain ended before everything was settled. It returns only when every handler has: one
    /// that ignores its cancellation keeps it, and only the end of the process ends that.
    public func run() async throws {
        try await run {}
    }

    /// Consumes as ``run()`` does, and tells when it has begun.
    package func run(begun: @Sendable () -> Void) async throws {
        guard let recorded = state.withLock({ $0.start() }) else {
            throw BrokerError(.notRunning, "a registry runs once; make another one")
        }
        let problems = StartCheck(directory: directory, brokers: brokers).problems(of: recorded.map(\.handler))
        guard problems.isEmpty else {
            await closeProviders()
            state.withLock { $0.end() }
            throw ConfigurationError(problems)
        }
        announce()
        for (id, handler) in recorded { start(id, handler) }
        begun()
        let result = await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                await serve()
            } onGracefulShutdown: {
                self.drain()
            }
        } onCancel: {
            drain()
        }
        try result.get()
    }

    /// Begins to end: nothing more is begun, handlers may finish, what is held is settled or handed back.
    ///
    /// Bounded by the configuration's `drain`, whatever becomes of the backends: handlers are cancelled 5 s before its
    /// end, and calls that have not returned then are given up. May be called from anywhere, any number of times;
    /// ``run()`` returns when it is over. A registry that does not run yet will begin no handler.
    public func drain() {
        if beginDrain() { tellDraining() }
    }

    /// Begins to end without telling, for whoever must not wait for an observer; false when that has been done before.
    package func beginDrain() -> Bool {
        let ends = drainEnds(now: runtime.clock.now)
        guard let consumers = state.withLock({ $0.drain(until: ends.overdue) }) else { return false }
        for consumer in consumers { consumer.drain(handlersUntil: ends.handlers, overdue: ends.overdue) }
        orders.raise()
        lanes.closedSignal.raise()
        return true
    }

    /// Tells observers that a drain has begun.
    package func tellDraining() {
        observers.tell(.draining)
    }

    /// Closes the providers of a registry that never ran; one that ran does so itself. It can no longer run then.
    public func close() async {
        let mustClose = state.withLock { state in
            defer { if state.phase == .idle { state.end() } }
            return state.phase == .idle
        }
        if mustClose { await closeProviders() }
    }

    func drainEnds(now: Instant) -> (handlers: Instant, overdue: Instant) {
        let overdue = now + configuration.drain
        return (max(now, overdue + (.zero - LeaseTable.patience)), overdue)
    }

    /// Runs providers, the janitor and the consumers; the providers live until the last message is settled.
    private func serve() async -> Result<Void, any Error> {
        let failures = FirstFailure()
        await withDiscardingTaskGroup { services in
            for broker in brokers.values {
                services.addTask { await self.keepRunning(broker, failures) }
            }
            let janitor = Janitor(registry: self)
            services.addTask { await janitor.run() }
            let watch = DrainWatch(registry: self)
            services.addTask { await watch.run() }
            await withDiscardingTaskGroup { readers in
                for replyInbox in replyInboxes.values { readers.addTask { await replyInbox.run() } }
                await consume(failures)
                // Handlers that finished during the drain could still ask; now nobody is left who reads answers.
                readers.cancelAll()
            }
            await closeProviders()
            watch.end()
            services.cancelAll()
        }
        state.withLock { $0.end() }
        return failures.result
    }

    private func consume(_ failures: FirstFailure) async {
        await withDiscardingTaskGroup { consumers in
            while true {
                // Both in one look: who is added later finds a registry that no longer runs.
                let (waiting, isLast) = state.withLock { ($0.takeWaiting(), $0.phase != .running) }
                for consumer in waiting {
                    consumers.addTask {
                        if await !consumer.run() { failures.note(BrokerError.unfinishedDrain) }
                    }
                }
                if isLast { return }
                await orders.wait()
            }
        }
    }

    /// A provider that fails ends the registry: it could not go on without it.
    private func keepRunning(_ broker: Broker, _ failures: FirstFailure) async {
        do {
            try await broker.service.run()
        } catch is CancellationError {
            return
        } catch {
            failures.note(error)
            drain()
        }
    }

    /// Ends the waits for answers of a registry that never ran, and closes the providers.
    func closeProviders() async {
        for replyInbox in replyInboxes.values { replyInbox.end() }
        for broker in brokers.values { await broker.service.close() }
    }

    /// One line per broker: environment, provider, where it is if it says so, and what it promises.
    private func announce() {
        for name in configuration.brokers.map(\.name) {
            guard let broker = brokers[name] else { continue }
            var metadata: Logger.Metadata = [
                LoggingKeys.broker: "\(name)", LoggingKeys.provider: "\(broker.provider)",
                "environment": "\(configuration.environment ?? "none")",
                "promises": "\(broker.capabilities)",
            ]
            if let address = (broker.service as? any AddressReporting)?.address { metadata["address"] = "\(address)" }
            logger.info("Broker starts", metadata: metadata)
        }
    }

    /// Makes the consumer of a handler; `nil` when the configuration has no place for it.
    func makeConsumer(for handler: StreamHandler) -> Consumer? {
        guard let route = directory.route(of: handler.selection), let broker = brokers[route.broker],
            let settings = directory.settings(of: handler.group, in: route)
        else { return nil }
        let identity = ConsumerIdentity(
            broker: broker.name, selection: handler.selection, group: handler.group,
            consumer: runtime.consumerName())
        let stations = ConsumerStations(
            identity: identity, settings: settings, neverGivesUp: route.holdsDeadLetters,
            batchSize: handler.batchSize, runtime: runtime, observers: observers, router: router,
            answers: ReplyPublisher(broker: broker, codec: codec, observers: observers), logger: logger)
        let isReplayable = broker.capabilities.contains(.replay)
        let request = SubscriptionRequest(
            handler.selection, group: handler.group, consumer: identity.consumer,
            start: settings.start ?? (isReplayable ? .earliest : .latest), visibility: settings.visibility,
            ordering: settings.ordering, attempts: stations.attempts, deadLetter: settings.deadLetter)
        return Consumer(
            stations: stations, provider: broker.service, request: request, lanes: lanes,
            work: handler.makeWork(stations.handling, middleware))
    }
}

/// The first thing that went wrong while many ran.
private final class FirstFailure: Sendable {
    private let failure = Mutex<(any Error)?>(nil)

    func note(_ error: any Error) {
        failure.withLock { $0 = $0 ?? error }
    }

    var result: Result<Void, any Error> {
        failure.withLock { $0 }.map { .failure($0) } ?? .success(())
    }
}

extension BrokerError {
    static let unfinishedDrain = BrokerError(
        .timeout, "the drain ended before everything was settled; what was held comes again after its visibility",
        isRetryable: false, effect: .unknown)
}
