// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Logging

/// A log for providers: a line from the thread of the leases is written by another one, in order.
///
/// A provider extends leases on that thread and may log meanwhile, of a connection for instance. A log that blocks, as
/// one to a full pipe does, would cost every consumer of the process its leases.
struct LeaseSafeLog: LogHandler {
    private static let queue = DispatchQueue(label: "streambroker.log", qos: .utility)

    private var base: any LogHandler

    init(_ base: any LogHandler) {
        self.base = base
    }

    var metadata: Logger.Metadata {
        get { base.metadata }
        set { base.metadata = newValue }
    }

    var logLevel: Logger.Level {
        get { base.logLevel }
        set { base.logLevel = newValue }
    }

    var metadataProvider: Logger.MetadataProvider? {
        get { base.metadataProvider }
        set { base.metadataProvider = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { base[metadataKey: key] }
        set { base[metadataKey: key] = newValue }
    }

    func log(event: LogEvent) {
        guard EngineThread.isCurrent else { return base.log(event: event) }
        Self.queue.async { [base] in base.log(event: event) }
    }
}
