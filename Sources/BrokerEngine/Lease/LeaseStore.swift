// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Synchronization

/// The leases of one consumer, and the signals that their changes raise.
///
/// The table is behind one mutex that is held for a few dozen nanoseconds at a time and never across a call: an actor
/// would cost a hop for each message.
final class LeaseStore: Sendable {
    private let table: Mutex<LeaseTable>
    /// Raised when the keeper has to look earlier than it would.
    let keeperSignal = WakeSignal()
    /// Raised when the fetch loop may have room, or when lanes have become short of messages.
    let fetchSignal = WakeSignal()
    /// Raised when the consumer holds no suspect any more. Each receive has a signal of its own: one that an earlier
    /// receive left raised would end the next at once.
    let suspectSignal = Mutex<WakeSignal?>(nil)

    init(_ table: consuming LeaseTable) {
        self.table = Mutex(table)
    }

    /// Looks at the table or changes it; `body` must not wait.
    @inline(__always)
    func withLock<Result: Sendable, Failure>(
        _ body: (inout LeaseTable) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try table.withLock { (table) throws(Failure) in try body(&table) }
    }

    /// Wakes the fetch loop after a message gave its place back without a flush: there may be room, for a suspect too.
    func signalRoom() {
        fetchSignal.raise()
        if withLock({ $0.suspects == 0 }) { signalNoSuspects() }
    }

    /// Ends a receive that waits only as long as the consumer holds a suspect.
    func signalNoSuspects() {
        suspectSignal.withLock { $0 }?.raise()
    }
}
