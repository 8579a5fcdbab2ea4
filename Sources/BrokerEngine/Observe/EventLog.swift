// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Logging
import Synchronization

/// The observer that every registry has: what went wrong and cannot be thrown becomes a log line.
///
/// How often a call that fails is logged, ``LogPace`` decides.
final class EventLog: BrokerObserver {
    private let logger: Logger
    private let clock: any BrokerClock
    private let pace = Mutex(LogPace())
    private let released = Atomic(0)

    /// How many messages were handed back since the start.
    var releasedCount: Int { released.load(ordering: .relaxed) }

    init(logger: Logger, clock: any BrokerClock) {
        self.logger = logger
        self.clock = clock
    }

    func observe(_ event: BrokerEvent) {
        switch event {
        case .callFailed(let consumer, let call, let error, let consecutive):
            logFailure(of: call, by: consumer, error, consecutive)
        case .callRecovered(let consumer, let call):
            logRecovery(of: call, by: consumer)
        case .leaseLost(let delivery):
            logger.warning("A lease was lost", metadata: about(delivery))
        case .laneReplaced(let delivery):
            logger.error("A handler ignores its cancellation; its lane was replaced", metadata: about(delivery))
        case .missing(let consumer, let entry):
            logger.error(
                "A pending message is gone from its stream",
                metadata: about(consumer, [LoggingKeys.message: "\(entry.id)"]))
        case .settlementRefused(let delivery, let error):
            logger.error("A settlement was refused", metadata: about(delivery, [LoggingKeys.error: "\(error)"]))
        case .keptUndecodable(let delivery, let reason):
            logger.warning(
                "A message that cannot be decoded is kept, since its group is new and has handled none: \(reason)",
                metadata: about(delivery))
        case .stoppedByUndecodable(let consumer, let messages, let reason):
            logStop(of: consumer, messages, reason)
        case .failedAfterSettling(let delivery, let error):
            logger.warning(
                "A handler threw after it had settled",
                metadata: about(delivery, [LoggingKeys.error: "\(type(of: error))"]))
        case .abandoned(let consumer, let settlements):
            logger.error(
                "The drain ended before everything was settled",
                metadata: about(consumer, ["settlements": "\(settlements)"]))
        case .broadcastFailed(let broker, let stream, let error):
            logFailedBroadcast(on: broker, of: stream, error)
        case .orderShared(let consumer, let others):
            logger.warning(
                "A group that keeps an order has several consumers; order holds within each, not between them",
                metadata: about(consumer, ["others": "\(others.map(\.text).joined(separator: " "))"]))
        case .maintained(let broker, let report):
            logMaintenance(broker, report)
        case .settled(let settled):
            logLosses(settled)
        case .draining, .published, .replyDropped, .subscribed, .unsubscribed, .received, .cancelled:
            return
        }
    }

    private func logFailure(
        of call: ProviderCall, by consumer: ConsumerIdentity, _ error: BrokerError, _ consecutive: Int
    ) {
        let now = clock.now
        let unsaid = pace.withLock { $0.fail(call, of: consumer, consecutive: consecutive, now: now) }
        guard let unsaid else { return }
        var facts: Logger.Metadata = [LoggingKeys.call: "\(call.rawValue)", LoggingKeys.error: "\(error)"]
        if unsaid > 0 { facts["unsaid"] = "\(unsaid)" }
        logger.warning("A call failed and will be repeated", metadata: about(consumer, facts))
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
        logger.info("A call works again", metadata: about(consumer, [LoggingKeys.call: "\(call.rawValue)"]))
    }

    private func logFailedBroadcast(on broker: BrokerName, of stream: StreamName, _ error: BrokerError) {
        logger.warning(
            "A broadcast failed; the message is stored",
            metadata: [
                LoggingKeys.broker: "\(broker)", LoggingKeys.stream: "\(stream)", LoggingKeys.error: "\(error)",
            ])
    }

    /// A message that is given up is told here, since no handler and no publisher hears of it.
    private func logLosses(_ settled: SettledEvent) {
        for entry in settled.entries where entry.outcome == .done {
            switch entry.kind {
            case .deadLetter: logger.warning("A message became a dead letter", metadata: about(settled, entry))
            case .discard: logger.warning("A message was given up", metadata: about(settled, entry))
            case .release: released.add(1, ordering: .relaxed)
            case .ack, .retry, .forward: continue
            }
        }
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

    private func about(_ consumer: ConsumerIdentity, _ more: Logger.Metadata = [:]) -> Logger.Metadata {
        let who: Logger.Metadata = [
            LoggingKeys.broker: "\(consumer.broker)", LoggingKeys.stream: "\(consumer.selection)",
            LoggingKeys.group: "\(consumer.group)",
        ]
        return who.merging(more) { _, new in new }
    }

    private func about(_ settled: SettledEvent, _ entry: SettledEvent.Entry) -> Logger.Metadata {
        let which: Logger.Metadata = [
            LoggingKeys.stream: "\(entry.receipt.stream)", LoggingKeys.message: "\(entry.receipt.id)",
            LoggingKeys.attempt: "\(entry.attempt)",
        ]
        return about(settled.consumer, which)
    }

    private func about(_ delivery: DeliveryIdentity, _ more: Logger.Metadata = [:]) -> Logger.Metadata {
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
