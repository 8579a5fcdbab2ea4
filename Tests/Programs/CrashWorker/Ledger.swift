// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import StreamBroker

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The file to which every worker appends: a line for each event, each by one `write`, so that lines of several
/// processes do not mix and nothing is lost with the process.
struct Ledger: Sendable {
    private let descriptor: Int32

    init?(path: String) {
        descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT, 0o600)
        if descriptor < 0 { return nil }
    }

    /// Writes `MONOTONIC WALL PID EVENT WORD…`, both times in milliseconds.
    func note(_ event: String, _ words: String...) {
        let head = "\(Self.now(CLOCK_MONOTONIC)) \(Self.now(CLOCK_REALTIME)) \(getpid()) \(event)"
        let line = ([head] + words).joined(separator: " ").replacing("\n", with: " ") + "\n"
        var text = line
        text.withUTF8 { _ = write(descriptor, $0.baseAddress, $0.count) }
    }

    /// Returns how an entry is called here: by its id, and beside `work` by its stream as well, since each stream has ids
    /// of its own.
    static func name(_ id: MessageID, in stream: StreamName) -> String {
        stream == "work" ? "\(id)" : "\(stream)/\(id)"
    }

    private static func now(_ clock: clockid_t) -> Int {
        var time = timespec()
        clock_gettime(clock, &time)
        return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
    }
}
