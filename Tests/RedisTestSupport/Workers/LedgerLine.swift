// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// A line of a ledger: what happened in which worker, and when.
package struct LedgerLine: Sendable, CustomStringConvertible {
    /// When, in milliseconds, by a clock that all processes share and nobody sets.
    package let time: Int
    /// When, in milliseconds since 1970, as the process believes; 0 in lines of the rig.
    package let wallTime: Int
    /// In which process.
    package let process: Int32
    /// What: `start`, `subscribed`, `got`, `begin`, `end`, `thrown`, `settled`, `lost`, `missing`, `refused`, `failed`,
    /// `recovered`, `followed`, `astray`, `log`, `stop`; the rig adds `killed` and `died`.
    package let event: String
    /// What else is told, in words.
    package let words: [String]

    /// Reads a line; `nil` for one that is not whole.
    init?(_ text: Substring) {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count >= 4, let time = Int(parts[0]), let wallTime = Int(parts[1]),
            let process = Int32(parts[2])
        else { return nil }
        self.time = time
        self.wallTime = wallTime
        self.process = process
        event = String(parts[3])
        words = parts.dropFirst(4).map { String($0) }
    }

    /// The id of the entry, of a line that is about one.
    package var id: String { words.first ?? "" }
    /// The attempt, of `got`, `begin`, `end`, `thrown` and `settled`.
    package var attempt: Int { words.count > 1 ? Int(words[1]) ?? 0 : 0 }
    /// The number that the message has, of `begin`, `end` and `thrown`.
    package var number: String { words.count > 2 ? words[2] : "" }
    /// How it was leased, of `got`; what was decided, of `settled`.
    package var kind: String { words.count > 2 ? words[2] : "" }
    /// What became of the decision, of `settled`.
    package var result: String { words.count > 3 ? words[3] : "" }

    /// The line as it is written.
    package var description: String { "\(time) \(process) \(event) \(words.joined(separator: " "))" }
}
