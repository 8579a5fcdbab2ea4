// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Logging
import RedisWire

/// One thing that a look at the server brought to light.
struct ServerFinding: Sendable, Hashable {
    /// What follows from it. Closed by design.
    enum Severity: Sendable, Hashable {
        /// It cannot be known; said for those who look closely.
        case unknown
        /// It works, and somebody should know.
        case warning
        /// It cannot work now and may work later: the consumer waits and looks again.
        case unready
        /// It cannot work until somebody changes something: the program ends.
        case unusable
    }

    let severity: Severity
    /// What was found and what to do, in one line.
    let message: String
    /// What kind of error it is, where it is one.
    var code = BrokerError.Code.server

    /// The error that a consumer gets; `nil` for what is only said.
    var error: BrokerError? {
        switch severity {
        case .unknown, .warning: nil
        case .unready: BrokerError(code, message, isRetryable: true)
        case .unusable: BrokerError(code, message)
        }
    }

    /// Says what was found.
    func log(to logger: Logger, address: RedisURL) {
        let metadata: Logger.Metadata = ["broker.finding": "\(message)", "broker.address": "\(address)"]
        switch severity {
        case .unknown: logger.debug("Not everything about the server can be known", metadata: metadata)
        case .warning: logger.warning("The server is not as it should be", metadata: metadata)
        case .unready, .unusable: logger.error("The server cannot be used", metadata: metadata)
        }
    }
}
