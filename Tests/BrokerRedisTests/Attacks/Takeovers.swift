// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import RedisTestSupport

/// When the messages of killed processes were leased again: not before the lease ran out, and not much later.
struct Takeovers: CustomStringConvertible {
    /// What was leased again before its time, in words.
    private(set) var early: [String] = []
    /// What was leased again too late although there was room, in words.
    private(set) var late: [String] = []
    private var count = 0
    private var longest = 0

    /// What the clocks of ledger and server may be apart, and a line may be written late on a busy machine.
    private static let tolerance = 300

    init(_ lines: [LedgerLine], visibility: Int) {
        for (place, line) in lines.enumerated() where line.event == "killed" {
            for lease in Self.held(by: line.process, in: lines[..<place]) {
                let next = lines[place...].first { $0.event == "got" && $0.id == lease.id }
                // What was acknowledged just before the end does not come again.
                if let next { judge(lease, next, killed: line.time, visibility) }
            }
        }
    }

    private mutating func judge(_ lease: LedgerLine, _ next: LedgerLine, killed: Int, _ visibility: Int) {
        // One that was retried was not taken over.
        guard next.kind == "expired" else { return }
        count += 1
        let words = "\(next): \(next.time - killed) ms after the end of \(lease.process), leased \(lease)"
        let wasHeld = next.time - lease.time
        // The holder had extended it a third of the visibility before its end, or later.
        let wasFree = next.time - killed
        if wasHeld < visibility - Self.tolerance || wasFree < visibility * 2 / 3 - Self.tolerance {
            early.append(words)
        }
        // Suspects come one after another, each when the one before is settled.
        if next.attempt > 2 { return }
        longest = max(longest, wasFree)
        if wasFree > visibility + visibility / 3 + 500 { late.append(words) }
    }

    /// The last leases of a process that it has not settled and nobody has taken over.
    private static func held(by process: Int32, in lines: ArraySlice<LedgerLine>) -> [LedgerLine] {
        var held: [String: LedgerLine] = [:]
        for line in lines {
            switch line.event {
            case "got": held[line.id] = line.process == process ? line : nil
            case "settled": held[line.id] = nil
            default: continue
            }
        }
        return held.values.sorted { $0.id < $1.id }
    }

    var description: String {
        "\(count) takeovers, \(early.count) early, \(late.count) late, at the longest \(longest) ms after the end"
    }
}
