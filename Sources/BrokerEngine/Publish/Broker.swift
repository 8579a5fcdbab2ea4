// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore

/// A named broker: how it is published to, and the past of its streams.
public struct Broker: Sendable {
    /// The name in the configuration.
    public let name: BrokerName
    /// The name of the provider that serves it.
    public let provider: String
    /// The capabilities of that provider.
    public var capabilities: BrokerCapabilities { service.capabilities }

    package let service: any BrokerProvider
    let station: PublishStation
    /// Writes to streams whose publishes wait for replicas, so that nobody else waits with them.
    let replicatedStation: PublishStation
    /// Takes the place of both stations where streams are at several places; `nil` where all are at one.
    let places: PublishPlaces?
    let directory: StreamDirectory

    /// Stores messages in their streams; returns one result for each, in order. Bodies and headers have been checked.
    ///
    /// - Parameters:
    ///   - entries: The messages.
    ///   - isCancellable: Whether a cancelled caller takes its messages back, as long as no write contains them. Messages
    ///     that follow from one that was handled or stored are not taken back.
    ///   - deadline: When the caller stops waiting.
    package func store(
        _ entries: [PublishBatch.Entry], isCancellable: Bool = false, until deadline: Instant = .distantFuture
    ) async -> [Result<PublishReceipt, BrokerError>] {
        let results = await write(entries, isCancellable: isCancellable, until: deadline)
        guard entries.contains(where: { $0.deduplication != nil }) else { return results }
        return await resolve(results, of: entries, until: deadline)
    }

    /// Writes messages in the form in which the provider stores them; returns one result for each, in order.
    func write(
        _ entries: [PublishBatch.Entry], isCancellable: Bool, until deadline: Instant
    ) async -> [Result<PublishReceipt, BrokerError>] {
        if directory.hasStandardLayouts { return await handOver(entries, isCancellable, until: deadline) }
        let written = entries.map(directory.written)
        let stored = await handOver(written.compactMap { try? $0.get() }, isCancellable, until: deadline)
        var next = stored.makeIterator()
        return written.map { entry in
            if case .failure(let error) = entry { return .failure(error) }
            return next.next() ?? .failure(.lostResult)
        }
    }

    /// Hands messages to the station of their streams.
    private func handOver(
        _ entries: [PublishBatch.Entry], _ isCancellable: Bool, until deadline: Instant
    ) async -> [Result<PublishReceipt, BrokerError>] {
        if let places { return await places.publish(entries, isCancellable: isCancellable, until: deadline) }
        guard directory.hasDurability else {
            return await station.publish(entries, isCancellable: isCancellable, until: deadline)
        }
        let isReplicated = entries.map { directory.isReplicated($0.stream) }
        guard isReplicated.contains(true), isReplicated.contains(false) else {
            let station = isReplicated.first == true ? replicatedStation : station
            return await station.publish(entries, isCancellable: isCancellable, until: deadline)
        }
        async let plain = station.publish(
            zip(entries, isReplicated).filter { !$1 }.map(\.0), isCancellable: isCancellable, until: deadline)
        async let replicated = replicatedStation.publish(
            zip(entries, isReplicated).filter { $1 }.map(\.0), isCancellable: isCancellable, until: deadline)
        var (others, waiting) = (await plain.makeIterator(), await replicated.makeIterator())
        return isReplicated.map { ($0 ? waiting.next() : others.next()) ?? .failure(.lostResult) }
    }

    /// Stores messages that another broker has stored; observers are told of a failure, which changes nothing else.
    func broadcast(_ entries: [PublishBatch.Entry], until deadline: Instant = .distantFuture) async {
        station.report(await handOver(entries, false, until: deadline), ofBroadcast: entries)
    }
}

/// Reading the past of a stream. A provider that cannot do it throws ``BrokerError/Code/unsupported``.
extension Broker {
    /// Reads the newest entries of a stream.
    ///
    /// - Returns: At most `count` entries, newest first; none when the stream does not exist.
    public func latest(_ count: Int, of stream: StreamName) async throws(BrokerError) -> [StoredMessage] {
        directory.read(try await history().latest(count, of: stream), of: stream)
    }

    /// Reads the entries of a stream from one id to another, both included.
    ///
    /// - Returns: At most `limit` entries, oldest first.
    public func range(
        _ ids: ClosedRange<MessageID>, of stream: StreamName, limit: Int = 1000
    ) async throws(BrokerError) -> [StoredMessage] {
        directory.read(try await history().range(ids, of: stream, limit: limit), of: stream)
    }

    /// Reads the entries of a stream behind an id, and waits for the first one.
    ///
    /// To follow a stream, call it again with the last id. In a cancelled task it returns no entries at once.
    ///
    /// - Parameters:
    ///   - stream: The stream to read.
    ///   - id: The id of the last entry that the caller knows.
    ///   - limit: The largest number of entries to return; 1000 by default.
    ///   - wait: How long to wait for an entry; 5 s by default.
    /// - Returns: At most `limit` entries, oldest first.
    public func tail(
        _ stream: StreamName, after id: MessageID, limit: Int = 1000, wait: Duration = .seconds(5)
    ) async throws(BrokerError) -> [StoredMessage] {
        directory.read(try await history().tail(stream, after: id, limit: limit, wait: wait), of: stream)
    }

    /// Removes every entry of a stream, pending ones too.
    ///
    /// - Returns: How many entries were removed.
    public func purge(_ stream: StreamName) async throws(BrokerError) -> Int {
        guard let purging = service as? any Purging else { throw unsupported("empty a stream") }
        return try await purging.purge(stream)
    }

    private func history() throws(BrokerError) -> any HistoryReading {
        guard let reading = service as? any HistoryReading else { throw unsupported("read the past of a stream") }
        return reading
    }

    package func unsupported(_ ability: String) -> BrokerError {
        BrokerError(.unsupported, "the provider '\(provider)' of broker '\(name)' cannot \(ability)")
    }
}

/// Between messages as programs see them and as providers store them.
extension StreamDirectory {
    /// Returns an entry as a provider stores it.
    func written(_ entry: PublishBatch.Entry) -> Result<PublishBatch.Entry, BrokerError> {
        Result { () throws(BrokerError) in
            var entry = entry
            entry.message = try layout(of: entry.stream).write(entry.message, for: entry.stream)
            return entry
        }
    }

    /// Returns the entries of a stream as programs see them.
    fileprivate func read(_ entries: [StoredMessage], of stream: StreamName) -> [StoredMessage] {
        let layout = layout(of: stream)
        if layout == .standard { return entries }
        return entries.map { StoredMessage(id: $0.id, message: layout.read($0.message)) }
    }
}
