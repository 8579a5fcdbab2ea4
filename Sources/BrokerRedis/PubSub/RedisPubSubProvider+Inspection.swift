// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
import BrokerMemory
import RedisWire

extension RedisPubSubProvider: AddressReporting {
    /// The server's URL, with `***` in place of user and password.
    public var address: String { "\(options.connection.url)" }
}

extension RedisPubSubProvider: HealthReporting {
    /// Returns that the broker is ready if the server replies and has confirmed every topic.
    ///
    /// Besides the facts of the server, the details have `channels` (topics with a subscription), `gaps` (how often
    /// messages may have been missed), `dropped` (messages that found no room), `oversized` (those of them that were
    /// larger than the whole buffer), `unreadable` (frames that were no message), `buffered-messages` and
    /// `buffered-bytes`.
    public func health() async -> ProviderHealth {
        if isClosed { return ProviderHealth(isReady: false, reason: "closed") }
        let live = listening.report
        var report: ProviderHealth
        do throws(RedisError) {
            report = try await HealthProbe(commands, options.connection, clock).report()
        } catch {
            report = ProviderHealth(isReady: false, reason: error.message)
        }
        if report.isReady, let obstacle = Self.obstacle(live) {
            report.isReady = false
            report.reason = obstacle
        }
        report.details.merge(counts(live)) { $1 }
        return report
    }

    private static func obstacle(_ live: PushReport) -> String? {
        if live.isPaused { return "the buffer is full; listening goes on when half of it is free" }
        guard live.confirmed < live.topics else { return nil }
        if let refusal = live.refusal { return "the server refuses a channel: \(refusal.message)" }
        let reason = live.lastError.map { ": \($0.message)" } ?? ""
        return "\(live.topics - live.confirmed) of \(live.topics) channels are not listened to\(reason)"
    }

    private func counts(_ live: PushReport) -> [String: String] {
        let kept = buffer.bufferReport
        let counts = [
            "channels": live.topics, "gaps": live.gaps, "dropped": kept.dropped, "oversized": kept.oversized,
            "unreadable": intake.unreadable, "buffered-messages": kept.entries, "buffered-bytes": kept.bytes,
        ]
        return counts.mapValues { "\($0)" }
    }
}

extension RedisPubSubProvider: StatisticsReporting {
    /// Returns the counts of the messages in the buffer of this process, for the streams that match.
    public func statistics(of selection: StreamSelection) async throws(BrokerError) -> [StreamStatistics] {
        if isClosed { throw .providerClosed }
        return try await buffer.statistics(of: selection)
    }
}
