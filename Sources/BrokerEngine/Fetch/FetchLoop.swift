// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import DequeModule
import Synchronization

/// Station 2 of 6: keeps the lanes supplied, and never leases more than there is room for.
///
/// It asks when enough of `concurrency + prefetch` is free, or at once when a lane has nothing to do and nothing is ready
/// for it: ``Demand`` says when. What a flush settles counts as free, up to half of all room; a read that the provider
/// still has in flight counts as taken.
struct FetchLoop: Sendable {
    /// How long one `receive` may wait; the provider may return earlier, with nothing.
    static let patience = Duration.seconds(5)
    /// For how long a delivery that has begun proves that handlers can run.
    private static let justNow = Duration.milliseconds(5)

    let identity: ConsumerIdentity
    let layouts: StreamLayouts
    let leases: LeaseStore
    let lanes: LaneQueues
    let room: Room
    let pulse: PoolPulse
    let calls: CallMonitor
    let events: EventRelay
    let clock: any BrokerClock
    let subscription: any BrokerSubscription

    /// Runs until `stopSignal` is raised; what is leased by then is still taken in.
    func run(until stopSignal: WakeSignal) async {
        await withTaskGroup { group in
            group.addTask {
                await loop()
                stopSignal.raise()
            }
            await stopSignal.wait()
            group.cancelAll()
        }
    }

    private func loop() async {
        var outstanding = 0
        var backoff = CallBackoff()
        var stays = LongStays()
        while !Task.isCancelled {
            if stays.next != nil { copyOut(stays.take(at: clock.now)) }
            guard let request = request(outstanding: outstanding) else {
                await waitForRoom(until: stays.next)
                continue
            }
            await handlersToRun()
            do {
                let received = try await receive(request).get()
                // No more can be owed than was asked for, whatever the provider says.
                outstanding = min(max(0, received.outstanding), room.capacity)
                // The result of a cancelled call says nothing about the provider.
                if !Task.isCancelled, backoff.succeed() { calls.recovered(.receive) }
                stays.add(take(received), at: clock.now)
            } catch {
                // A read in flight outlives a call that failed: `outstanding` holds until the provider says otherwise.
                await calls.pause(after: error, in: .receive, &backoff)
            }
        }
    }

    /// Receives; while the consumer holds a suspect, only until that is settled, since the next one may come then.
    private func receive(_ request: ReceiveRequest) async -> Result<Received, BrokerError> {
        guard request.suspects == 0 else { return await subscription.result(of: request) }
        let overSignal = WakeSignal()
        leases.suspectSignal.withLock { $0 = overSignal }
        defer { leases.suspectSignal.withLock { $0 = nil } }
        if leases.withLock({ $0.suspects == 0 }) { overSignal.raise() }
        return await withTaskGroup(of: Result<Received, BrokerError>.self) { group in
            group.addTask {
                let result = await subscription.result(of: request)
                overSignal.raise()
                return result
            }
            await overSignal.waitUnlessCancelled()
            group.cancelAll()
            return await group.next() ?? .success(Received())
        }
    }

    /// Waits until handlers can run, before something is read.
    ///
    /// Where the loop runs on an executor of the provider's, it would go on reading while handlers block every thread of
    /// the pool, and each message of the stream would use an attempt for nothing. A delivery that has begun just now is
    /// proof enough; else the pool is asked.
    private func handlersToRun() async {
        guard subscription.executor != nil else { return }
        let lastBegun = leases.withLock { $0.lastBegun }
        if clock.now - lastBegun > Self.justNow { await poolToRespond(on: clock) }
    }

    private func poolToRespond(on clock: some BrokerClock) async {
        await pulse.response(on: clock)
    }

    private func waitForRoom(until instant: Instant?) async {
        guard let instant else { return await leases.fetchSignal.waitUnlessCancelled() }
        await waitForRoom(until: instant, on: clock)
    }

    private func waitForRoom(until instant: Instant, on clock: some BrokerClock) async {
        await leases.fetchSignal.waitUnlessCancelled(until: instant, on: clock)
    }

    /// A message that stays must not keep the memory of the whole read that brought it.
    private func copyOut(_ slots: [Slot]) {
        guard !slots.isEmpty else { return }
        for held in leases.withLock({ $0.takeSharing(slots) }) { held.detach() }
    }

    /// What to ask for now; `nil` while there is no room worth a round trip.
    private func request(outstanding: Int) -> ReceiveRequest? {
        let demand = room.demand(outstanding: outstanding)
        guard outstanding > 0 || demand.isWorthAsking else { return nil }
        let suspects = leases.withLock { $0.suspects }
        return ReceiveRequest(limit: demand.limit, wait: Self.patience, suspects: suspects == 0 ? 1 : 0)
    }

    /// Takes in what has come; returns what of that was handed over.
    private func take(_ received: Received) -> [Held] {
        let received = layouts.areStandard ? received : received.read(by: layouts)
        let now = clock.now
        var admitted: [Held] = []
        if !received.messages.isEmpty {
            let arrivals = Held.arrivals(received.messages)
            admitted = leases.withLock { $0.admit(received.messages, as: arrivals, now: now) }
            lanes.push(admitted)
            events.tell(
                .received(ReceivedEvent(consumer: identity, messages: received.messages)))
        }
        for entry in received.missing { events.tell(.missing(identity, entry)) }
        return admitted
    }
}

extension Received {
    /// The same, with the messages as programs see them.
    fileprivate func read(by layouts: StreamLayouts) -> Received {
        var received = self
        for index in messages.indices {
            let layout = layouts.layout(of: messages[index].receipt.stream)
            received.messages[index].message = layout.read(messages[index].message)
        }
        return received
    }
}

extension BrokerSubscription {
    /// Receives, with the error as a value: typed throws do not cross a task group.
    fileprivate func result(of request: ReceiveRequest) async -> Result<Received, BrokerError> {
        do { return .success(try await receive(request)) } catch { return .failure(error) }
    }
}

/// Messages that share the memory of the read that brought them, until it is known which of them stay: a pure value.
///
/// Most are settled long before. A copy of the others costs nothing beside a handler that takes this long.
struct LongStays: Sendable {
    /// A message that is held for longer than this stays.
    static let limit = Duration.seconds(1)

    private var batches: Deque<(due: Instant, slots: [Slot])> = []

    /// When to look again; `nil` when there is nothing to look at.
    var next: Instant? { batches.first?.due }

    /// Takes note of what came together at `now`.
    mutating func add(_ messages: [Held], at now: Instant) {
        var slots: [Slot] = []
        for held in messages where held.sharesMuch { slots.append(held.slot) }
        if !slots.isEmpty { batches.append((now + Self.limit, slots)) }
    }

    /// The slots that are to be looked at now, each once.
    mutating func take(at now: Instant) -> [Slot] {
        var slots: [Slot] = []
        while let first = batches.first, first.due <= now {
            slots += first.slots
            batches.removeFirst()
        }
        return slots
    }
}
