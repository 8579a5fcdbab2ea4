// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import RedisWire

extension RedisChannels {
    /// Returns why a pattern cannot be used where channels are sharded.
    static func refusal(of pattern: StreamPattern) -> String {
        "stream \(pattern.text.quoted) is a pattern, but 'channels: sharded' listens to single channels only; name each "
            + "stream, or leave 'channels: sharded' out"
    }

    /// Makes the error of a call about a channel.
    ///
    /// - Parameters:
    ///   - error: The error of the wire.
    ///   - action: What was tried, to follow "could not".
    func failure(_ error: RedisError, _ action: String) -> BrokerError {
        guard kind == .sharded, error.serverError?.text.hasPrefix("ERR unknown command") == true else {
            return BrokerError(error, action)
        }
        return BrokerError(
            .unsupported,
            "could not \(action): the server has no sharded channels, which came with Redis 7.0; update the server, or "
                + "leave 'channels: sharded' out")
    }
}

extension BrokerError {
    /// A pattern where channels are sharded.
    static func sharded(_ pattern: StreamPattern) -> BrokerError {
        BrokerError(.unsupported, RedisChannels.refusal(of: pattern))
    }
}
