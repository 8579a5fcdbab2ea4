// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
import BrokerEngine

/// Looking at streams.
extension Operations {
    /// Returns the streams that exist.
    ///
    /// - Parameter broker: The only broker that is meant; `nil` for all.
    public func streams(on broker: BrokerName? = nil) async throws(BrokerError) -> StreamsReport {
        var streams: [StreamReport] = []
        for broker in try brokers(broker) { streams += try await count(broker).map(StreamReport.init) }
        return StreamsReport(streams: streams.filter { !$0.holdsDeadLetters } + streams.filter(\.holdsDeadLetters))
    }

    /// Returns one stream with its groups, and its first and last entry.
    ///
    /// - Throws: ``BrokerError/Code/undeclaredStream`` if it does not exist, and what providers throw.
    public func stream(
        _ stream: StreamName, on broker: BrokerName? = nil
    ) async throws(BrokerError) -> StreamDetailReport {
        let counted = try await count(stream, on: broker)
        let (first, last) = try await ends(of: stream, on: counted.broker)
        return StreamDetailReport(
            stream: StreamReport(counted), firstID: first.map { "\($0)" }, firstStoredAt: first?.storedAt,
            lastID: last.map { "\($0)" }, lastStoredAt: last?.storedAt,
            deadLetters: stream.isNamedForDeadLetters ? "" : stream.deadLetters.text, groups: counted.groupReports)
    }

    private func ends(
        of stream: StreamName, on broker: Broker
    ) async throws(BrokerError) -> (first: MessageID?, last: MessageID?) {
        guard broker.service is any HistoryReading else { return (nil, nil) }
        let first = try await broker.range(.zero ... .maximum, of: stream, limit: 1).first
        return (first?.id, try await broker.latest(1, of: stream).first?.id)
    }
}
