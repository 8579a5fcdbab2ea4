// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Logging
import RedisWire
import Synchronization

/// The seat of one consumer on Redis Streams.
///
/// Reads have a connection of their own and are made by one call of `receive` at a time; sweeps, settlements and
/// extensions go by the provider's connection for commands. No read outlives the call that made it.
final class RedisSubscription: BrokerSubscription {
    let provider: RedisStreamsProvider
    let selection: StreamSelection
    let member: Member
    let reader: BlockedReader
    let bell = WakeSignal()
    let state: Mutex<SubscriptionState>
    let logger: Logger
    /// How long a call about leases may take before it is given up, so that it can be made again while they last.
    let callTimeout: Duration

    private let turns = TurnQueue()
    private let number: Int

    init(_ request: SubscriptionRequest, provider: RedisStreamsProvider) throws(BrokerError) {
        self.provider = provider
        selection = request.selection
        member = Member(request)
        callTimeout = member.callTimeout(atMost: provider.options.connection.commandTimeout)
        state = Mutex(SubscriptionState(visibility: member.visibility))
        var logger = provider.logger
        logger[metadataKey: "broker.stream"] = "\(request.selection)"
        logger[metadataKey: "broker.group"] = "\(request.group)"
        self.logger = logger
        let place = try provider.openReader(isForAnswers: StreamName(request.selection.text).isReserved)
        number = place.number
        reader = BlockedReader(link: place.link, commands: provider.commands, clock: provider.clock, bell: bell)
    }

    var clock: any BrokerClock { provider.clock }
    var isClosed: Bool { state.withLock { $0.isClosed } }

    func receive(_ request: ReceiveRequest) async throws(BrokerError) -> Received {
        try throwIfClosed()
        let deadline = clock.now + request.wait
        guard await turns.enter(until: deadline, on: clock) else { return Received() }
        defer { turns.leave() }
        let start = clock.now
        var gathering = Gathering(request, limit: state.withLock { $0.appetite.limit })
        gathering.report(missing: state.withLock { $0.takeMissing() })
        do {
            try await gather(&gathering, until: deadline)
            digest(gathering, since: start)
        } catch {
            if error.code == .malformedReply { state.withLock { $0.appetite.choked() } }
            // What is leased is handed over; the next call meets the error again.
            let isOver = isClosed || provider.isClosed || Task.isCancelled
            if gathering.isEmpty, !isOver { throw error }
        }
        return gathering.received
    }

    /// Learns how much the line can take.
    private func digest(_ gathering: Gathering, since start: Instant) {
        let time = clock.now - start
        // A wait tells nothing about the line, unless it was a short one.
        let isTelling = !gathering.hasWaited || time < member.visibility / 6
        let (count, bytes) = (gathering.received.messages.count, gathering.byteCount)
        state.withLock { $0.appetite.took(count, bytes: bytes, in: isTelling ? time : nil) }
    }

    func close() async {
        let isFirst = state.withLock { state in
            defer { state.isClosed = true }
            return !state.isClosed
        }
        guard isFirst else { return }
        bell.raise()
        await turns.enter()
        await leaveGroups()
        await provider.closeReader(number)
        turns.leave()
    }

    /// Looks until something is there, the time is over, or there is no reason to go on.
    private func gather(_ gathering: inout Gathering, until deadline: Instant) async throws(BrokerError) {
        guard gathering.room > 0 else { return }
        while gathering.isEmpty, !Task.isCancelled {
            try throwIfClosed()
            try await look(&gathering, until: deadline)
            if clock.now >= deadline { return }
        }
    }

    func throwIfClosed() throws(BrokerError) {
        if provider.isClosed { throw .providerClosed }
        if isClosed { throw BrokerError(.closed, "the consumer has left its group") }
    }
}
