// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import NIOSSL

/// Why a call over the wire did not work.
///
/// No description shows a password, a payload or an argument.
package struct RedisError: Error, Sendable {
    /// What kind of error it is. Closed by design: the provider maps each to its own.
    package enum Code: Sendable, Hashable {
        /// The server could not be reached, or the connection broke.
        case connection
        /// No reply came in time.
        case timeout
        /// No encrypted connection could be agreed on, or a certificate was not accepted.
        case tls
        /// The server replied with an error.
        case server
        /// More bytes wait for their replies than the bound allows.
        case overloaded
        /// We have closed the connection.
        case closed
        /// The caller was cancelled before there was a connection.
        case cancelled
        /// The reply could not be understood.
        case malformedReply
        /// An option, a URL or a file of certificates is wrong.
        case configuration
    }

    /// What is known about the effect of the failed call.
    package enum Effect: Sendable, Hashable {
        /// Nothing happened; doing it again doubles nothing.
        case notApplied
        /// It may have happened: the command was sent and no reply came.
        case unknown
    }

    /// What kind of error it is.
    package var code: Code
    /// What went wrong, in one line.
    package var message: String
    /// What is known about the effect.
    package var effect: Effect
    /// The error that the server replied, if it did.
    package var serverError: ServerError?
    /// What the server speaks, if it is known to be no Redis server.
    var foreignProtocol: ForeignProtocol?
    /// Whether the server has said that it is no primary.
    var isNoPrimary = false

    /// Makes an error.
    package init(_ code: Code, _ message: String, effect: Effect = .notApplied, serverError: ServerError? = nil) {
        self.code = code
        self.message = message
        self.effect = effect
        self.serverError = serverError
    }

    /// Makes the error for an error reply. A script that failed may have written before.
    package init(_ error: ServerError) {
        if let failure = error.failure {
            let cause = failure.code == .server ? error : nil
            self.init(failure.code, error.text, effect: failure.effect, serverError: cause)
            return
        }
        self.init(.server, error.text, effect: error.isInsideScript ? .unknown : .notApplied, serverError: error)
    }

    /// Whether trying again later can succeed although nobody changes anything.
    package var isRetryable: Bool {
        switch code {
        case .connection, .timeout, .overloaded: true
        case .tls, .closed, .cancelled, .malformedReply, .configuration: false
        case .server: serverError.map { $0.reaction.isTemporary } ?? false
        }
    }

    /// Returns the same error with another effect.
    func with(_ effect: Effect) -> RedisError {
        var error = self
        error.effect = effect
        return error
    }
}

extension ServerReaction {
    /// Whether the cause goes away by itself, or by the reaction.
    package var isTemporary: Bool {
        switch self {
        case .backOff, .reconnect, .redirect, .reloadScript, .ensureGroup, .readAgain: true
        case .refuse, .alreadySo, .isolateStream, .alarm, .fail: false
        }
    }
}

extension RedisError: CustomStringConvertible, CustomDebugStringConvertible {
    /// The code and the message.
    package var description: String { "\(code): \(message)" }

    /// The same as ``description``.
    package var debugDescription: String { description }
}

extension RedisError {
    /// Makes the error for an error of NIO or NIOSSL about a connection.
    package init(transport error: any Error) {
        switch error {
        case let error as RedisError:
            self = error
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError:
            self.init(.tls, "no encrypted connection: \(ForeignErrorText.cause(of: error))", effect: .unknown)
        case ChannelError.connectTimeout(let limit):
            self.init(.connection, "no connection within \(Duration.nanoseconds(limit.nanoseconds).inWords)")
        case let error as NIOConnectionError:
            self.init(.connection, "no connection to \(error.host):\(error.port): \(ForeignErrorText.cause(of: error))")
        case let error as IOError:
            self.init(.connection, "the connection failed: \(ForeignErrorText.cause(of: error))", effect: .unknown)
        default:
            self.init(.connection, "the connection failed (\(type(of: error)))", effect: .unknown)
        }
    }
}
