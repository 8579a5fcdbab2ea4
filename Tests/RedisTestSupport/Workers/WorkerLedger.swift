// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Foundation

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// What the workers wrote, to be read while they write.
package struct WorkerLedger: Sendable {
    /// Where the file is.
    package let path: String

    /// All lines so far, in the order in which they were written.
    package var lines: [LedgerLine] {
        let text = FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
        return text.split(separator: "\n").compactMap { LedgerLine($0) }
    }

    /// Adds what only the rig knows.
    func note(_ event: String, of process: Int32) {
        guard let file = fopen(path, "a") else { return }
        fputs("\(Self.now) 0 \(process) \(event)\n", file)
        fclose(file)
    }

    /// The time that the lines tell, now.
    package static var now: Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
    }
}

/// What a ledger comes to.
extension [LedgerLine] {
    /// The lines of an event.
    package func of(_ event: String) -> [LedgerLine] { filter { $0.event == event } }

    /// The numbers of the messages whose handlers returned.
    package var handled: Set<String> { Set(of("end").map(\.number)) }

    /// How often the handler of each message began.
    package var begins: [String: Int] { of("begin").reduce(into: [:]) { $0[$1.number, default: 0] += 1 } }

    /// The ids of the messages that were settled, by kind, each once.
    package func settled(_ kind: String) -> Set<String> {
        Set(of("settled").filter { $0.kind == kind && ["done", "settled"].contains($0.result) }.map(\.id))
    }

    /// What began again without a reason: more often than the message was leased as new, for a retry, or since a
    /// lease had run out. Each of these comes with a `got` line.
    package var doubled: [String] {
        let leases = of("got").reduce(into: [String: Set<Int>]()) { $0[$1.id, default: []].insert($1.attempt) }
        let begins = of("begin").reduce(into: [String: Int]()) { $0[$1.id, default: 0] += 1 }
        return begins.filter { $0.value > leases[$0.key]?.count ?? 0 }.keys.sorted()
    }

    /// One line that counts each event.
    package var summary: String {
        let counts = reduce(into: [String: Int]()) { $0[$1.event, default: 0] += 1 }
        return counts.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    }
}
