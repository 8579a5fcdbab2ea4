// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// How workers are configured: what their `brokers.yaml` says.
package struct WorkerSettings: Sendable {
    /// Where the server is.
    package var url: String
    /// How many handlers run at once.
    package var concurrency = 4
    /// How many messages wait for them.
    package var prefetch = 16
    /// The visibility timeout in milliseconds.
    package var visibility = 1000
    /// How many executions a message gets.
    package var attempts = 5
    /// How long a retry waits, in milliseconds.
    package var delay = 100
    /// How long a handler may take, in milliseconds; `nil` for no end.
    package var timeout: Int?
    /// What is added to the environment of the workers.
    package var environment: [String: String] = [:]
    /// How long the server may be silent while a reply is due, in milliseconds; `nil` for the default.
    package var commandTimeout: Int?

    /// The buffer of a worker on Pub/Sub, as the file has it; `nil` for a worker on Streams.
    package var liveBuffer: String?

    /// Whether they handle the streams `side.*` too.
    package var isWide = false

    /// Makes settings for a server.
    package init(_ url: String) {
        self.url = url
    }

    var text: String {
        """
        version: 1
        drain: 10s
        brokers: { events: { \(broker) } }
        streams:
          work:
            guarantee: \(liveBuffer == nil ? "at-least-once" : "at-most-once")
            visibility: \(visibility)ms\(timeout.map { "\n    timeout: \($0)ms" } ?? "")
            retry: { attempts: \(attempts), backoff: fixed, initial: \(delay)ms, jitter: 0 }
            groups: { crew: { concurrency: \(concurrency), prefetch: \(prefetch) } }
        \(isWide ? #"  "side.*": { groups: { crew: {} } }"# : "")

        """
    }

    var role: [String] { isWide ? ["wide"] : [] }

    private var broker: String {
        let timeout = commandTimeout.map { ", command-timeout: \($0)ms" } ?? ""
        guard let liveBuffer else { return #"provider: redis-streams, url: "\#(url)"\#(timeout)"# }
        return #"provider: redis-pubsub, url: "\#(url)", buffer: \#(liveBuffer)"#
    }
}
