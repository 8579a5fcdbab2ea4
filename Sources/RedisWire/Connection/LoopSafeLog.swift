// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Dispatch
package import Logging
import NIOPosix

/// A log that may block, for code that runs where connections live.
///
/// What is logged on an event loop is written by a queue of its own, in order: a log that blocks, as one to a full pipe
/// does, would hold up every reply. Elsewhere it is written at once.
package struct LoopSafeLog: LogHandler {
    private static let queue = DispatchQueue(label: "streambroker.redis.log", qos: .userInitiated)

    private var base: any LogHandler

    /// Protects a log.
    package init(_ base: any LogHandler) {
        self.base = base
    }

    package var metadata: Logger.Metadata {
        get { base.metadata }
        set { base.metadata = newValue }
    }

    package var logLevel: Logger.Level {
        get { base.logLevel }
        set { base.logLevel = newValue }
    }

    package var metadataProvider: Logger.MetadataProvider? {
        get { base.metadataProvider }
        set { base.metadataProvider = newValue }
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { base[metadataKey: key] }
        set { base[metadataKey: key] = newValue }
    }

    package func log(event: LogEvent) {
        guard MultiThreadedEventLoopGroup.currentEventLoop != nil else { return base.log(event: event) }
        Self.queue.async { [base] in base.log(event: event) }
    }
}
