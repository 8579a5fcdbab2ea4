// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerEngine
import Logging

/// A log that keeps its lines, as `level: message`.
struct LineLog: LogHandler {
    let lines: Journal<String>
    let facts: Journal<Logger.Metadata>
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    init(lines: Journal<String>, facts: Journal<Logger.Metadata> = Journal()) {
        self.lines = lines
        self.facts = facts
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        lines.append("\(event.level): \(event.message)")
        facts.append(event.metadata ?? [:])
    }

    /// A logger that writes here.
    static func logger(_ lines: Journal<String>, _ facts: Journal<Logger.Metadata> = Journal()) -> Logger {
        Logger(label: "test") { _ in LineLog(lines: lines, facts: facts) }
    }
}
