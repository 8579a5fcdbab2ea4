// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// The seats of a subscription, by position and by stream.
///
/// What is asked before each read is kept from one change to the next: with thousands of streams looking through all
/// of them would cost more than what is read.
package struct SeatTable: Sendable {
    /// When which seat needs something.
    private struct Times {
        var nextSweep = Instant.distantFuture
        var nextRetry = Instant.distantFuture
        var nextRejoin = Instant.distantFuture
        var hasPassedSuspects = false
    }

    private var seats: [StreamSeat] = []
    private var places: [StreamName: Int] = [:]
    private var times: Times? = Times()

    /// Makes a table of seats in different streams.
    package init(_ seats: [StreamSeat] = []) {
        for seat in seats { add(seat) }
    }

    /// The position of a stream's seat.
    package func place(of stream: StreamName) -> Int? { places[stream] }

    /// Adds a seat in a stream that has none.
    package mutating func add(_ seat: StreamSeat) {
        places[seat.stream] = seats.count
        seats.append(seat)
        times = nil
    }

    /// Gives up the seats in these streams; the others move up.
    package mutating func remove(_ streams: Set<StreamName>) {
        seats.removeAll { streams.contains($0.stream) }
        places = Dictionary(uniqueKeysWithValues: seats.indices.map { (seats[$0].stream, $0) })
        times = nil
    }

    /// When there is something to sweep for at the latest, or a stream to be looked at again.
    package mutating func nextTime() -> Instant {
        let times = knownTimes()
        return Swift.min(times.nextSweep, times.nextRejoin)
    }

    /// When a retry is due, as far as is known.
    package mutating func nextRetry() -> Instant { knownTimes().nextRetry }

    /// Whether a lost group may be made again.
    package mutating func isRejoinDue(at now: Instant) -> Bool { knownTimes().nextRejoin <= now }

    /// Whether any stream is to be swept now.
    package mutating func isSweepDue(at now: Instant, suspects: Int) -> Bool {
        let times = knownTimes()
        return times.nextSweep <= now || (times.hasPassedSuspects && suspects > 0)
    }

    private mutating func knownTimes() -> Times {
        if let times { return times }
        let found = seats.reduce(into: Times()) { times, seat in
            if seat.isLost { return times.nextRejoin = Swift.min(times.nextRejoin, seat.restsUntil) }
            times.nextSweep = Swift.min(times.nextSweep, Swift.max(seat.sweep.nextTime, seat.restsUntil))
            times.nextRetry = Swift.min(times.nextRetry, Swift.max(seat.sweep.nextRetry, seat.restsUntil))
            if seat.sweep.hasPassedSuspects { times.hasPassedSuspects = true }
        }
        times = found
        return found
    }
}

extension SeatTable: RandomAccessCollection, MutableCollection {
    package var startIndex: Int { 0 }
    package var endIndex: Int { seats.count }

    package subscript(position: Int) -> StreamSeat {
        get { seats[position] }
        set {
            seats[position] = newValue
            times = nil
        }
    }
}
