// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore
package import RedisWire

extension BrokerError {
    /// Makes the provider's error for an error of the wire.
    ///
    /// - Parameters:
    ///   - error: The error.
    ///   - action: What was tried, to follow "could not": `publish to 'orders'`.
    package init(_ error: RedisError, _ action: String) {
        self.init(
            Self.code(of: error), "could not \(action): \(error.message)", isRetryable: error.isRetryable,
            effect: error.effect == .unknown ? .unknown : .notApplied)
    }

    /// Makes the provider's error for an error reply.
    package init(_ error: ServerError, _ action: String) {
        self.init(RedisError(error), action)
    }

    private static func code(of error: RedisError) -> Code {
        switch error.code {
        case .connection, .tls, .configuration: .connection
        case .timeout: .timeout
        case .overloaded: .overloaded
        case .closed: .closed
        case .cancelled: .cancelled
        case .malformedReply: .malformedReply
        case .server:
            switch error.serverError?.reaction {
            case .alarm: .unauthorized
            case .isolateStream: .wrongType
            default: .server
            }
        }
    }
}

extension RedisError {
    /// Whether the connection was lost before the reply came. That happens when a reply is too large for the server's
    /// output buffer.
    var isLostReply: Bool { code == .connection && effect == .unknown }
}
