// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Tells for how long the client, which is this process, and the server have used processors.
struct ProcessorClock {
    private let server: RedisServer
    private let serverBefore: Duration
    private let clientBefore: Duration

    /// Begins. To ask the server is work for this process too, so that the client's time is read last, and first at the
    /// end.
    init(_ server: RedisServer) throws {
        self.server = server
        serverBefore = try server.processorTime()
        clientBefore = Machine.processorTime
    }

    /// What both have used since then, for each of `messages` messages.
    func measures(for messages: Int) throws -> [Measure] {
        let client = Machine.processorTime - clientBefore
        let busy = try server.processorTime() - serverBefore
        return Self.measures(
            client: client.microseconds / Double(messages), server: busy.microseconds / Double(messages))
    }

    /// These microseconds as measures, which have the same names for the yardstick.
    static func measures(client: Double, server: Double) -> [Measure] {
        [
            Measure(name: "client", unit: .microsecondsPerMessage, value: client),
            Measure(name: "server", unit: .microsecondsPerMessage, value: server),
        ]
    }
}
