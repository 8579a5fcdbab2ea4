// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import StreamBroker

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// What the program says to the test: whole lines on stdout, each at once.
enum Speech {
    /// Logs go nowhere, so that stderr has what the framework itself says and nothing else.
    static let silentLogger = Logger(label: "silent", factory: { _ in SwiftLogNoOpLogHandler() })

    static func say(_ line: String) {
        let bytes = Array("\(line)\n".utf8)
        _ = bytes.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
    }

    /// Stops the thread until an instant.
    static func block(until end: Instant) {
        while case let rest = end - EngineThread.shared.now, rest > .zero {
            // Hundreds of threads do this at once, and must not take the machine.
            usleep(UInt32(min(rest / .milliseconds(1), 500) * 1000) + 1000)
        }
    }

    /// Stops the thread, whatever its task is told.
    static func blockForEver() {
        while true { sleep(60) }
    }
}
