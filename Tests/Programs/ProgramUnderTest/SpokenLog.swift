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

/// Says what a person reads in the log: `LEVEL: MESSAGE`, without the metadata.
struct SpokenLog: LogHandler {
    /// The logger when the test wants to hear it, else `nil`.
    static var logger: Logger? {
        getenv("SPEAK_LOG") == nil ? nil : Logger(label: "spoken") { _ in SpokenLog() }
    }

    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        Speech.say("\(event.level): \(event.message)")
    }
}
