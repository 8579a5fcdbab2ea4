// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Logging
import RedisWire
import Synchronization

/// The subscription of one consumer on Redis Streams.
///
/// Reads that block have connections of their own; one call of `receive` at a time uses them. Sweeps, settlements and extensions go
/// over the provider's connection for commands. No read outlives the call that made it.
final class RedisSubscription: BrokerSubscription {
    let provider: RedisStreamsProvider
    let selection: StreamSelection
    let member: Member
    let reader: BlockedReader
    let wakeSignal = WakeSignal()
    let state: Mutex<SubscriptionState>
    let logger: Logger
    /// How long a call about leases may take. It ends early enough to be repeated while the leases last.
    let callTimeout: Duration

    private let receiveLock = AsyncLock()

    init(_ request: SubscriptionRequest, provider: RedisStreamsProvider) throws(BrokerError) {
        self.provider = provider
        selection = request.selection
        member = Member(request)
        callTimeout = member.callTimeout(atMost: provider.options.connection.commandTimeout)
        state = Mutex(SubscriptionState(visibility: member.visibility))
        var logger = provider.logger
        logger[metadataKey: LoggingKeys.stream] = "\(request.selection)"
        logger[metadataKey: LoggingKeys.group] = "\(request.group)"
        self.logger = logger
        reader = try provider.makeReader(for: request, wakeSignal: wakeSignal)
    }

    /// Where the provider's connections live.
    var executor: (any TaskExecutor)? { provider.options.connection.loop }
    var clock: any BrokerClock { provider.clock }
    var isClosed: Bool { state.withLock { $0.isClosed } }

    func receive(_ request: ReceiveRequest) async throws(BrokerError) -> Received {
        try throwIfClosed()
        let deadline = clock.now + request.wait
        guard await receiveLock.enter(until: deadline, on: clock) else { return Received() }
        defer { receiveLock.leave() }
        let start = clock.now
        var buffer = ReceiveBuffer(request, limit: state.withLock { $0.batchSizer.limit })
        buffer.report(missing: state.withLock { $0.takeMissing() })
        do {
            try await poll(into: &buffer, until: deadline)
            adjustBatchSize(to: buffer, since: start)
        } catch {
            if error.code == .malformedReply { state.withLock { $0.batchSizer.shrink() } }
            // What is leased is handed over; the next call meets the error again.
            let isOver = isClosed || provider.isClosed || Task.isCancelled
            if buffer.isEmpty, !isOver { throw error }
        }
        return buffer.received
    }

    /// Learns how many messages the connection can carry in time.
    private func adjustBatchSize(to buffer: ReceiveBuffer, since start: Instant) {
        let time = clock.now - start
        // The time says nothing about the connection if the call waited for messages, unless the wait was short.
        let isMeasure = !buffer.hasWaited || time < member.visibility / 6
        let (count, bytes) = (buffer.received.messages.count, buffer.byteCount)
        state.withLock { $0.batchSizer.took(count, bytes: bytes, in: isMeasure ? time : nil) }
    }

    func close() async {
        let isFirst = state.withLock { state in
            defer { state.isClosed = true }
            return !state.isClosed
        }
        guard isFirst else { return }
        wakeSignal.raise()
        await receiveLock.enter()
        await leaveGroups()
        await reader.close()
        receiveLock.leave()
    }

    /// Polls until there is something, or the time is over, or the task is cancelled.
    private func poll(into buffer: inout ReceiveBuffer, until deadline: Instant) async throws(BrokerError) {
        guard buffer.room > 0 else { return }
        while buffer.isEmpty, !Task.isCancelled {
            try throwIfClosed()
            try await pollOnce(into: &buffer, until: deadline)
            if clock.now >= deadline { return }
        }
    }

    func throwIfClosed() throws(BrokerError) {
        if provider.isClosed { throw .providerClosed }
        if isClosed { throw BrokerError(.closed, "the consumer has left its group") }
    }
}
