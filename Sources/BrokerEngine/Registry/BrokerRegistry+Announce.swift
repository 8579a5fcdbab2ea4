// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Logging
import Synchronization

/// What a person is told when a registry begins and when it ends.
extension BrokerRegistry {
    /// Logs a line for each broker, and what may not be meant so.
    func announceStart(_ handlers: [StreamHandler]) {
        for name in configuration.brokers.map(\.name) {
            if let broker = brokers[name] { announce(broker) }
        }
        for note in startNotes.notes(handled: handlers.map { ($0.selection, $0.group) }) { log(note) }
    }

    private func log(_ note: StartNotes.Note) {
        var facts: Logger.Metadata = [:]
        if let broker = note.broker { facts[LoggingKeys.broker] = "\(broker)" }
        if let stream = note.stream { facts[LoggingKeys.stream] = "\(stream)" }
        logger.log(level: note.isWarning ? .warning : .info, "\(note.text)", metadata: facts)
    }

    private func announce(_ broker: Broker) {
        let address = (broker.service as? any AddressReporting)?.address
        var facts: Logger.Metadata = [
            LoggingKeys.broker: "\(broker.name)", LoggingKeys.provider: "\(broker.provider)",
            "environment": "\(configuration.environment ?? "none")", "promises": "\(broker.capabilities)",
        ]
        if let address { facts["address"] = "\(address)" }
        let place = address.map { " at \($0)" } ?? ""
        logger.info("Broker '\(broker.name)' uses \(broker.provider)\(place)", metadata: facts)
    }

    /// Tells observers and the log that a drain has begun.
    package func tellDraining() {
        announceDrain()
        observers.tell(.draining)
    }

    /// Logs that the drain is over, and before it that it has begun, where nobody has come to that.
    func announceEnd() {
        announceDrain()
        guard let notice = state.withLock({ $0.drainNotice }) else { return }
        let time = runtime.clock.now - notice.began
        let released = eventLog.releasedCount - notice.released
        logger.info(
            "\(notice.end(after: time, released: released))",
            metadata: [LoggingKeys.duration: "\(time.inWords)", "released": "\(released)"])
    }

    private func announceDrain() {
        guard let notice = state.withLock({ $0.takeDrainBeginning() }) else { return }
        logger.info("\(notice.beginning)", metadata: ["handlers": "\(notice.running)"])
    }
}
