// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import RedisWire

/// What a provider on Redis guards with its lock: whether it lives, who waits for its end, and its connections.
struct RedisStreamsState {
    /// Whether the provider has been closed.
    var isClosed = false
    /// Why the server cannot be used, once that is known.
    var refusal: BrokerError?
    /// Who waits in `run()`.
    var runners: [Int: WakeSignal] = [:]
    /// The routers that subscriptions read by, by number.
    var readers: [Int: RedisRouter] = [:]
    /// What is known of the streams that were published to.
    var routes = PublishRoutes()

    /// What was found about the server and said.
    var findings: Set<ServerFinding> = []
    /// Whether the server has only some of the slots; `nil` while it has not said so.
    var isCluster: Bool?
    /// Connections that read the past of a stream and wait for the next one who does, by number.
    var idleTails: [Int] = []
    /// The stream whose past was read last, and how much of it at a time.
    var lastPage: (stream: StreamName, size: PageSize)?

    private var lastNumber = 0

    /// A number that was not used before.
    mutating func makeNumber() -> Int {
        lastNumber += 1
        return lastNumber
    }
}
