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
    /// It returns when every handler has returned. A handler that ignores its cancellation delays it until the process
    /// ends.
    ///
    /// - Throws: A ``ConfigurationError`` before any traffic when handlers do not fit the configuration, and a
    ///   ``BrokerError`` when the drain ended before everything was settled.
    public func run() async throws {
        try await run {}
    }

    /// Consumes as ``run()`` does, and calls `begun` when it has begun.
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
        if state.withLock({ $0.phase == .running }) { announceStart(recorded.map(\.handler)) }
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

    /// Begins to drain: handles no further messages, lets handlers finish, and settles or releases what is held.
    ///
    /// A drain takes at most the configuration's `drain`, whatever happens to the backends: handlers are cancelled 5 s
    /// before its end, and calls that have not returned by its end are abandoned. It may be called from any task, any
    /// number of times; ``run()`` returns when the drain is over. A registry that does not run yet begins no handler.
    public func drain() {
        if beginDrain() { tellDraining() }
    }

    /// Begins to drain without telling observers, for callers that must not wait for one; returns false when a drain
    /// has begun before.
    ///
    /// - Parameter hint: What else a person can do; it follows the line in the log.
    package func beginDrain(hint: String = "") -> Bool {
        let now = runtime.clock.now
        let ends = drainEnds(now: now)
        guard let consumers = state.withLock({ $0.drain(until: ends.overdue) }) else { return false }
        let notice = DrainNotice(
            began: now, running: consumers.reduce(0) { $0 + $1.stations.leases.withLock { $0.runningCount } },
            limit: ends.handlers - now, released: eventLog.releasedCount, hint: hint)
        state.withLock { $0.note(notice) }
        for consumer in consumers { consumer.drain(handlersUntil: ends.handlers, overdue: ends.overdue) }
        stateSignal.raise()
        lanes.closedSignal.raise()
        return true
    }

    /// Closes the providers of a registry that never ran, which then cannot run any more. A registry that ran closes
    /// them itself.
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
            let poolWatch = PoolWatch(registry: self)
            poolWatch.run(in: &services)
            await withDiscardingTaskGroup { readers in
                for replyInbox in replyInboxes.values { readers.addTask { await replyInbox.run() } }
                await consume(failures)
                // Handlers that finish during the drain may still send requests. None is left now.
                readers.cancelAll()
            }
            await closeProviders()
            watch.end()
            poolWatch.end()
            services.cancelAll()
        }
        state.withLock { $0.end() }
        announceEnd()
        return failures.result
    }

    private func consume(_ failures: FirstFailure) async {
        await withDiscardingTaskGroup { consumers in
            while true {
                // Both under one lock: a consumer that is added later finds a registry that no longer runs.
                let (waiting, isLast) = state.withLock { ($0.takeWaiting(), $0.phase != .running) }
                for consumer in waiting {
                    consumers.addTask {
                        if await !consumer.run() { failures.note(BrokerError.unfinishedDrain) }
                    }
                }
                if isLast { return }
                await stateSignal.wait()
            }
        }
    }

    /// Runs a provider. When it fails, the registry drains, since it cannot go on without it.
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

    /// Ends publishing, where a provider can end it alone: publishes in progress fail, consumers go on.
    package func endPublishing() async {
        for broker in brokers.values { await (broker.service as? any PublishEnding)?.endPublishing() }
    }

    /// Ends the requests that wait, and closes the providers.
    func closeProviders() async {
        for replyInbox in replyInboxes.values { replyInbox.end() }
        for broker in brokers.values { await broker.service.close() }
    }

    /// Makes the consumer of a handler; `nil` when the configuration does not declare its stream or its group.
    func makeConsumer(for handler: StreamHandler) -> Consumer? {
        guard let declaration = directory.declaration(of: handler.selection),
            let broker = brokers[declaration.broker],
            let settings = directory.settings(of: handler.group, in: declaration)
        else { return nil }
        let identity = ConsumerIdentity(
            broker: broker.name, selection: handler.selection, group: handler.group,
            consumer: runtime.consumerName())
        let stations = ConsumerStations(
            identity: identity, settings: settings, layouts: directory.layouts(of: handler.selection),
            neverGivesUp: declaration.holdsDeadLetters, batchSize: handler.batchSize, runtime: runtime,
            observers: observers, router: router,
            replies: ReplyPublisher(broker: broker, codec: codec, observers: observers), logger: logger)
        let isReplayable = broker.capabilities.contains(.replay)
        let request = SubscriptionRequest(
            handler.selection, group: handler.group, consumer: identity.consumer,
            start: settings.start ?? (isReplayable ? .earliest : .latest), visibility: settings.visibility,
            deadLetter: settings.deadLetter)
        return Consumer(
            stations: stations, provider: broker.service, request: request, lanes: lanes,
            work: handler.makeWork(stations.handling, middleware))
    }
}

/// The first failure of several tasks.
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
