// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Synchronization

/// The handlers of some consumers that run, of each consumer and stream the one that has been running longest.
struct RunningHandlers: Sendable {
    private struct Line: Sendable {
        let identity: ConsumerIdentity
        let handler: RunningHandler
        /// Whether it runs for longer than it should without anybody being told.
        let isSlow: Bool
    }

    private let lines: [Line]

    init(consumers: [Consumer], now: Instant) {
        lines = consumers.flatMap { consumer in
            let identity = consumer.stations.identity
            let (oldest, limit) = consumer.stations.leases.withLock { ($0.oldestRunning, $0.warnAfter) }
            return oldest.map { stream, lease in
                let handler = RunningHandler(
                    group: identity.group, consumer: identity.consumer, stream: stream, message: lease.receipt.id,
                    running: now - lease.began)
                return Line(identity: identity, handler: handler, isSlow: handler.running >= limit)
            }
        }
        .sorted { ($1.handler.running, $0.handler.stream) < ($0.handler.running, $1.handler.stream) }
    }

    /// All of them, the one first that has been running longest.
    var all: [RunningHandler] { lines.map(\.handler) }

    /// The one that has been running longest.
    var oldest: RunningHandler? { lines.first?.handler }

    /// A sentence for each consumer whose oldest handler runs for too long.
    var complaints: [String] {
        var told: Set<ConsumerIdentity> = []
        return lines.filter { $0.isSlow && told.insert($0.identity).inserted }.map { line in
            "a handler of \(line.identity.selection)/\(line.identity.group) has been running for "
                + "\(line.handler.running.inWords): message \(line.handler.message) of \(line.handler.stream)"
        }
    }

    /// Returns the counts of streams on a broker with the oldest handler of each group.
    func add(to statistics: [StreamStatistics], on broker: BrokerName) -> [StreamStatistics] {
        let own = lines.filter { $0.identity.broker == broker }
        guard !own.isEmpty else { return statistics }
        var statistics = statistics
        for stream in statistics.indices {
            for group in statistics[stream].groups.indices {
                let name = statistics[stream].groups[group].name
                let here = own.first { $0.handler.stream == statistics[stream].stream && $0.handler.group == name }
                guard let here = here?.handler else { continue }
                let shown = statistics[stream].groups[group].oldestHandler?.running ?? .zero
                if shown <= here.running { statistics[stream].groups[group].oldestHandler = here }
            }
        }
        return statistics
    }
}
