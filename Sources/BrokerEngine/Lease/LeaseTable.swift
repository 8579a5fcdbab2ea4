// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// Every message that a consumer holds, with its lease, its deadline and what was decided about it: a pure value.
///
/// Buffered, running, waiting for a retry in place, or decided and not yet settled: while a message is in one of these
/// states it is in this table, its lease is extended, and it counts against the consumer's capacity. On its usual
/// path a message costs no lookup: slots are handed along, and ids are compared only when an entry may be in hand already.
package struct LeaseTable: Sendable {
    /// After this long a handler that ignores its cancellation loses its lane.
    package static let patience = Duration.seconds(5)

    /// How long a lease lasts unless it is extended.
    package let visibility: Duration
    /// How long a handler may take; `nil` is without a deadline.
    package let timeout: Duration?
    /// How long a handler runs before that is told.
    package let warnAfter: Duration
    /// Whether a handler is cancelled when its lease is lost; that of a batch is not, for its neighbours' sake.
    package let cancelsOnLoss: Bool
    /// The leases by the index of their slot; what stands in a slot that is free means nothing.
    package internal(set) var leases: [Lease] = []
    /// Which slots are taken.
    package internal(set) var inUse: [Bool] = []
    /// How many messages are held: the slots that are taken.
    package internal(set) var held = 0
    /// How many of them a flush takes to the provider now.
    package internal(set) var settling = 0
    /// How many of them are suspects.
    package internal(set) var suspects = 0
    /// When a delivery last began.
    package internal(set) var lastBegun = Instant.distantPast
    /// The slots that are free.
    var free: [Int32] = []
    /// What shares its memory with much else, by the index of its slot; `nil` for everything else.
    private var sharing: [Held?] = []
    /// Entries in hand whose earlier delivery has settled itself and still runs, by the slot of that delivery.
    var successors: [Int32: Held] = [:]
    /// Whether a lease was gone that nobody here has settled, so that all have to be compared with the provider's.
    var hasDoubts = false
    /// What ever came: what is new and greater cannot be in hand already.
    var greatestIDs = GreatestIDs()
    /// When leases are extended next.
    var nextHeartbeat: Instant
    /// When a drain cancels every handler.
    var cancelsAll = Instant.distantFuture
    /// When every lease has to be looked at: at a heartbeat, a deadline or the end of a lease, whichever is first.
    var nextLook: Instant
    /// The messages that wait in their lane for a retry in place.
    var resumes = ResumeHeap()
    /// When the keeper will look next by itself.
    var nextWake = Instant.distantFuture

    /// Makes an empty table; `timeout` is the handlers' deadline. By default a handler that runs for three times
    /// `visibility` is told.
    package init(
        visibility: Duration, timeout: Duration?, warnAfter: Duration? = nil, cancelsOnLoss: Bool = true, now: Instant
    ) {
        self.visibility = visibility
        self.timeout = timeout
        self.warnAfter = warnAfter ?? visibility * 3
        self.cancelsOnLoss = cancelsOnLoss
        nextHeartbeat = now + visibility / 3
        nextLook = min(nextHeartbeat, now + self.warnAfter)
    }

    /// The lease of a slot; `nil` when the slot is somebody else's by now.
    subscript(slot: Slot) -> Lease? {
        position(of: slot).map { leases[$0] }
    }

    /// Where the lease of a slot is; `nil` when the slot is somebody else's by now. Spares a copy of it.
    func position(of slot: Slot) -> Int? {
        let index = Int(slot.index)
        return index < leases.count && inUse[index] && leases[index].generation == slot.generation ? index : nil
    }

    /// The slot that a place in the table is used as now.
    func slot(at position: Int) -> Slot {
        Slot(index: Int32(position), generation: leases[position].generation)
    }

    /// Takes in what was leased at `now` and returns what is to be handed over.
    ///
    /// An entry that is in hand already is never handed over twice: the delivery that runs takes over the newer
    /// receipt, and if that delivery has settled itself, the newcomer is held and waits until it has ended.
    ///
    /// - Parameters:
    ///   - messages: What was leased.
    ///   - arrivals: The same messages without a slot: the caller has made them before it locked the table.
    ///   - now: The time.
    package mutating func admit(
        _ messages: [InboundMessage], as arrivals: consuming [Held], now: Instant
    ) -> [Held] {
        let expires = now + visibility
        var known: [EntryKey: Int32]?
        var count = 0
        for index in messages.indices {
            if mayBeInHand(messages[index].receipt, messages[index].origin),
                renewsInHand(messages[index], &known, until: expires)
            {
                continue
            }
            let slot = place(
                messages[index].receipt, attempt: messages[index].attempt, releases: messages[index].releases,
                isSuspect: messages[index].isSuspect, until: expires)
            known?[EntryKey(messages[index].receipt)] = slot.index
            arrivals.swapAt(count, index)
            arrivals[count].slot = slot
            if arrivals[count].sharesMuch { sharing[Int(slot.index)] = arrivals[count] }
            count += 1
        }
        arrivals.removeLast(arrivals.count - count)
        return arrivals
    }

    /// Gives the newer lease to the delivery of the same entry, if one is in hand; returns whether one is.
    private mutating func renewsInHand(
        _ message: InboundMessage, _ known: inout [EntryKey: Int32]?, until expires: Instant
    ) -> Bool {
        let index = known ?? inHand()
        known = index
        guard let existing = index[EntryKey(message.receipt)], !ends(existing, for: message) else { return false }
        if let newcomer = takeOver(existing, by: message, until: expires) {
            known?[EntryKey(message.receipt)] = newcomer
        }
        return true
    }

    /// Ends a delivery whose id has come as new again: the group went back, or somebody has made the stream again and
    /// the id names another message. What was decided about the one must not reach the other. Returns whether the
    /// newcomer has nobody to wait for.
    private mutating func ends(_ index: Int32, for message: InboundMessage) -> Bool {
        let position = Int(index)
        guard message.origin == .new, message.receipt.token <= leases[position].receipt.token else { return false }
        leases[position].status = .settled
        endWaiting(position)
        if leases[position].stage == .running { return false }
        releaseIfOver(position)
        return true
    }

    private mutating func mayBeInHand(_ receipt: Receipt, _ origin: InboundMessage.Origin) -> Bool {
        guard greatestIDs.advance(to: receipt.id, in: receipt.stream) else { return true }
        return origin != .new
    }

    private func inHand() -> [EntryKey: Int32] {
        var index: [EntryKey: Int32] = [:]
        for position in leases.indices where inUse[position] {
            // What has made room for another of its id, or was settled by others, does not come back.
            if leases[position].status == .settled, leases[position].stage != .running { continue }
            let key = EntryKey(leases[position].receipt)
            // A newcomer that waits for its earlier delivery stands for both.
            if let other = index[key], successors[Int32(position)]?.slot.index == other { continue }
            index[key] = Int32(position)
        }
        return index
    }

    /// Gives the message in hand its newer lease, or a slot of its own when it is another delivery; returns that one.
    private mutating func takeOver(_ index: Int32, by message: InboundMessage, until expires: Instant) -> Int32? {
        let position = Int(index)
        let isAnother = message.origin == .new && leases[position].status == .settled
        guard isAnother || leases[position].receipt.token < message.receipt.token else { return nil }
        if isAnother || leases[position].isOverForHandler {
            let slot = place(
                message.receipt, attempt: message.attempt, releases: message.releases, isSuspect: message.isSuspect,
                until: expires)
            var newcomer = Held(message)
            newcomer.slot = slot
            successors[index] = newcomer
            return slot.index
        }
        setSuspect(position, message.isSuspect)
        leases[position].receipt = message.receipt
        leases[position].attempt = message.attempt
        leases[position].releases = message.releases
        leases[position].expires = expires
        if leases[position].status != .deciding { leases[position].status = .held }
        return nil
    }

    /// Gives a message a slot of its own.
    private mutating func place(
        _ receipt: Receipt, attempt: Int, releases: Int, isSuspect: Bool, until expires: Instant
    ) -> Slot {
        let index = free.popLast() ?? grow()
        let position = Int(index)
        let generation = leases[position].generation
        leases[position] = Lease(
            receipt: receipt, attempt: attempt, releases: releases, isSuspect: false,
            generation: generation, stage: .buffered, status: .held, expires: expires)
        inUse[position] = true
        held += 1
        setSuspect(position, isSuspect)
        return Slot(index: index, generation: generation)
    }

    private mutating func grow() -> Int32 {
        let receipt = Receipt(stream: "", id: .zero, epoch: 0, token: 0)
        leases.append(
            Lease(
                receipt: receipt, attempt: 0, releases: 0, isSuspect: false, generation: 0, stage: .ended,
                status: .settled, expires: .distantFuture))
        inUse.append(false)
        sharing.append(nil)
        return Int32(leases.count - 1)
    }

    private mutating func setSuspect(_ position: Int, _ isSuspect: Bool) {
        if leases[position].isSuspect != isSuspect { suspects += isSuspect ? 1 : -1 }
        leases[position].isSuspect = isSuspect
    }

    /// Gives the slot back once nobody needs it.
    mutating func releaseIfOver(_ position: Int) {
        guard inUse[position], leases[position].isOver else { return }
        setSuspect(position, false)
        inUse[position] = false
        stopSharing(position)
        leases[position].generation &+= 1
        held -= 1
        free.append(Int32(position))
    }

    /// Lets go of a message that no lane needs any more. Its lane has it in hand still, so that its memory is not freed
    /// under the lock of the table.
    mutating func stopSharing(_ position: Int) {
        if sharing[position] != nil { sharing[position] = nil }
    }

    /// Returns which of these slots are still held, of those that share their memory with much else; each once.
    package mutating func takeSharing(_ slots: [Slot]) -> [Held] {
        slots.compactMap { slot in
            guard let position = position(of: slot), let held = sharing[position] else { return nil }
            sharing[position] = nil
            return held
        }
    }

    /// Two leases of the same entry in the same life of its group.
    private struct EntryKey: Hashable {
        let stream: StreamName
        let id: MessageID
        let epoch: UInt64

        init(_ receipt: Receipt) {
            stream = receipt.stream
            id = receipt.id
            epoch = receipt.epoch
        }
    }
}
