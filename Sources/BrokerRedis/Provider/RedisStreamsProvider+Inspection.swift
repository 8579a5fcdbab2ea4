// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
import RedisWire
import Synchronization

extension RedisStreamsProvider: AddressReporting {
    /// The server's URL, with `***` in place of user and password.
    public var address: String { "\(options.connection.url)" }
}

extension RedisStreamsProvider: HealthReporting {
    /// Ready while the server answers, within the command timeout; what it tells of itself is in the details.
    ///
    /// `ping-time` (milliseconds), `server-version`, `used-memory` (bytes), `clients`, `subscribed-channels`: each is
    /// missing where the server does not say it.
    public func health() async -> ProviderHealth {
        let (isClosed, refusal) = state.withLock { ($0.isClosed, $0.refusal) }
        if isClosed { return ProviderHealth(isReady: false, reason: "closed") }
        do throws(RedisError) {
            var report = try await VitalSigns(commands, options.connection, clock).report()
            if let refusal {
                report.isReady = false
                report.reason = refusal.message
            }
            return report
        } catch {
            return ProviderHealth(isReady: false, reason: error.message)
        }
    }
}
