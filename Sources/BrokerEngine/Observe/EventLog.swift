// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Logging
import Synchronization

/// The observer that every registry has: what went wrong and cannot be thrown becomes a log line.
///
/// How often a call that fails is logged, ``LogPace`` decides; how often a message that fails, ``FailurePace``.
final class EventLog: BrokerObserver {
    let logger: Logger
    let clock: any BrokerClock
    /// How much lines say of a handler's error.
    let detail: ErrorDetail
    /// How an error is told in words.
    let errorText: @Sendable (any Error) -> String
    let failurePace = Mutex(FailurePace())
    private let pace = Mutex(LogPace())
    let released = Atomic(0)

    /// How many messages were handed back since the start.
    var releasedCount: Int { released.load(ordering: .relaxed) }

    init(logger: Logger, runtime: EngineRuntime, detail: ErrorDetail) {
        self.logger = logger
        clock = runtime.clock
        errorText = runtime.errorText
        self.detail = detail
    }

    func observe(_ event: BrokerEvent) {
        switch event {
        case .callFailed(let consumer, let call, let error, let consecutive, let pause):
            logFailure(of: call, by: consumer, error, consecutive, retryIn: pause)
        case .callRecovered(let consumer, let call):
            logRecovery(of: call, by: consumer)
        case .leaseLost(let delivery):
            logger.warning(
                "A lease was lost, another consumer may run the message by now: \(words(delivery))",
                metadata: about(delivery))
        case .handlerSlow(let delivery, let running):
            logSlowHandler(delivery, running)
        case .poolBlocked(let duration, let handlers):
            logBlockedPool(duration, handlers)
        case .poolRecovered(let duration):
            logger.warning("Threads of the pool are free again, after \(duration.inWords)")
        case .laneReplaced(let delivery):
            logger.error(
                "A handler ignores its cancellation, its lane was replaced: \(words(delivery))",
                metadata: about(delivery))
        case .missing(let consumer, let entry):
            logger.error(
                "A pending message is gone from its stream: \(entry.stream) \(entry.id) in group \(consumer.group)",
                metadata: about(
                    consumer, [LoggingKeys.stream: "\(entry.stream)", LoggingKeys.message: "\(entry.id)"]))
        case .settlementRefused(let delivery, let error):
            let broker = delivery.consumer.broker
            logger.error(
                "A settlement was refused by broker '\(broker)' and is sent again: \(words(delivery)): \(error)",
                metadata: about(delivery, [LoggingKeys.error: "\(error)"]))
        case .failedAfterSettling(let delivery, let error):
            logFailureAfterSettling(delivery, error)
        case .abandoned(let consumer, let settlements):
            logAbandoned(consumer, settlements)
        case .broadcastFailed(let broker, let stream, let error):
            logFailedBroadcast(on: broker, of: stream, error)
        case .orderShared(let consumer, let others):
            logger.warning(
                "A group that keeps an order has several consumers; order holds within each, not between them",
                metadata: about(consumer, ["others": "\(others.map(\.text).joined(separator: " "))"]))
        case .maintained(let broker, let report):
            logMaintenance(broker, report)
            logUnsaid { $0.broker == broker }
        case .settled(let settled):
            logFailures(settled)
        case .keptUndecodable(let delivery, let reason):
            logger.warning(
                "A message that cannot be decoded is kept, since its group is new and has handled none: \(reason)",
                metadata: about(delivery))
        case .stoppedByUndecodable(let consumer, let messages, let reason):
            logStop(of: consumer, messages, reason)
        case .unsubscribed(let consumer):
            logUnsaid { $0.isOf(consumer) }
        case .draining, .published, .replyDropped, .subscribed, .received, .cancelled:
            return
        }
    }

    private func logFailure(
        of call: ProviderCall, by consumer: ConsumerIdentity, _ error: BrokerError, _ consecutive: Int,
        retryIn pause: Duration
    ) {
        let now = clock.now
        let unsaid = pace.withLock { $0.fail(call, of: consumer, consecutive: consecutive, now: now) }
        guard let unsaid else { return }
        var facts: Logger.Metadata = [
            LoggingKeys.call: "\(call.rawValue)", LoggingKeys.error: "\(error)", "failures": "\(consecutive)",
            "retry-in": "\(pause.inWords)",
        ]
        if unsaid > 0 { facts[LoggingKeys.unsaid] = "\(unsaid)" }
        let times = consecutive > 1 ? " \(consecutive) times in a row" : ""
        let rest = unsaid > 0 ? "; \(unsaid) outages before it were not logged" : ""
        logger.warning(
            "\(words(call, consumer)) failed\(times), retrying in \(pause.inWords): \(error)\(rest)",
            metadata: about(consumer, facts))
    }

    private func logStop(of consumer: ConsumerIdentity, _ messages: Int, _ reason: String) {
        logger.error(
            """
            None of the first \(messages) messages of the new group \(consumer.group.text.quoted) of stream \
            \(consumer.selection.text.quoted) can be decoded, so they are kept and it takes no more: \(reason); \
            correct the setting and start again, or set 'on-undecodable: dead-letter' (docs/existing-streams.md)
            """, metadata: about(consumer))
    }

    private func logRecovery(of call: ProviderCall, by consumer: ConsumerIdentity) {
        let now = clock.now
        guard pace.withLock({ $0.recover(call, of: consumer, now: now) }) else { return }
        logger.info(
            "\(words(call, consumer)) works again",
            metadata: about(consumer, [LoggingKeys.call: "\(call.rawValue)"]))
    }

    /// `Receiving on broker 'events' for orders in group billing`
    private func words(_ call: ProviderCall, _ consumer: ConsumerIdentity) -> String {
        "\(call.words) on broker '\(consumer.broker)' for \(consumer.selection) in group \(consumer.group)"
    }

    func words(_ delivery: DeliveryIdentity) -> String {
        "\(delivery.stream) \(delivery.id) in group \(delivery.consumer.group), attempt \(delivery.attempt)"
    }

    private func logAbandoned(_ consumer: ConsumerIdentity, _ settlements: Int) {
        logger.error(
            """
            The drain ended before everything was settled: \(settlements) settlements of \(consumer.selection) in \
            group \(consumer.group) were given up, and their messages will come again
            """,
            metadata: about(consumer, ["settlements": "\(settlements)"]))
    }

    private func logFailedBroadcast(on broker: BrokerName, of stream: StreamName, _ error: BrokerError) {
        logger.warning(
            "A broadcast of \(stream) on broker '\(broker)' failed, the message is stored: \(error)",
            metadata: [
                LoggingKeys.broker: "\(broker)", LoggingKeys.stream: "\(stream)", LoggingKeys.error: "\(error)",
            ])
    }

    private func logMaintenance(_ broker: BrokerName, _ report: MaintenanceReport) {
        if report.lost > 0 {
            logger.warning(
                "Unsettled messages were trimmed by their cap",
                metadata: [LoggingKeys.broker: "\(broker)", "messages": "\(report.lost)"])
        }
        for held in report.held {
            logger.warning(
                "\(held.sentence)",
                metadata: [
                    LoggingKeys.broker: "\(broker)", LoggingKeys.stream: "\(held.stream)",
                    "held-by": "\(held.group?.text ?? "no group")", "excess": "\(held.excess)",
                ])
        }
    }

    func about(_ consumer: ConsumerIdentity, _ more: Logger.Metadata = [:]) -> Logger.Metadata {
        let who: Logger.Metadata = [
            LoggingKeys.broker: "\(consumer.broker)", LoggingKeys.stream: "\(consumer.selection)",
            LoggingKeys.group: "\(consumer.group)",
        ]
        return who.merging(more) { _, new in new }
    }

    func about(_ delivery: DeliveryIdentity, _ more: Logger.Metadata = [:]) -> Logger.Metadata {
        let which: Logger.Metadata = [
            LoggingKeys.stream: "\(delivery.stream)", LoggingKeys.message: "\(delivery.id)",
            LoggingKeys.attempt: "\(delivery.attempt)",
        ]
        return about(delivery.consumer, which.merging(more) { _, new in new })
    }
}

extension MaintenanceReport.Held {
    /// Who keeps a stream from being trimmed, and what to do.
    fileprivate var sentence: String {
        let start = "Stream '\(stream)' is \(excess == 1 ? "1 message" : "\(excess) messages") over its bound"
        guard let group else { return "\(start), since no group has read it; declare one, or set 'policy: cap'" }
        return "\(start), since the group '\(group)' has not settled them; run a handler for it, take the group out "
            + "of the file and delete it, or set 'policy: cap'"
    }
}

extension ProviderCall {
    /// The call at the beginning of a sentence.
    fileprivate var words: String {
        switch self {
        case .subscribe: "Joining the group"
        case .receive: "Receiving"
        case .settle: "Settling"
        case .extend: "Extending leases"
        }
    }
}
