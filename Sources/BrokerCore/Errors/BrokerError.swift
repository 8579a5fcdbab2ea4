// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Why publishing, consuming or settling did not work.
///
/// Neither description shows payloads, header values or secrets.
public struct BrokerError: Error, Sendable {
    /// What kind of error it is; more kinds may come.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Base: String {
            case connection, timeout, server, unauthorized, overloaded, invalidMessage, payloadTooLarge
            case undeclaredStream, undeclaredGroup, unsupported, alreadySettled, leaseLost, encoding, closed
            case notRunning, malformedReply, wrongType, middleware
            case cancelled, decoding, notRequested, alreadyReplied
        }

        private let base: Base

        /// The server could not be reached, or the connection broke.
        public static let connection = Code(base: .connection)
        /// No answer came in time.
        public static let timeout = Code(base: .timeout)
        /// The server answered with an error.
        public static let server = Code(base: .server)
        /// The server refused the credentials or the rights.
        public static let unauthorized = Code(base: .unauthorized)
        /// A bound on what may wait was reached.
        public static let overloaded = Code(base: .overloaded)
        /// The message breaks a rule: a reserved header name, too many headers.
        public static let invalidMessage = Code(base: .invalidMessage)
        /// The body is larger than the stream's `max-payload`.
        public static let payloadTooLarge = Code(base: .payloadTooLarge)
        /// The configuration declares no such stream.
        public static let undeclaredStream = Code(base: .undeclaredStream)
        /// The configuration declares no such group.
        public static let undeclaredGroup = Code(base: .undeclaredGroup)
        /// The provider does not promise what was asked for.
        public static let unsupported = Code(base: .unsupported)
        /// The delivery has been settled before.
        public static let alreadySettled = Code(base: .alreadySettled)
        /// Another consumer holds the lease now.
        public static let leaseLost = Code(base: .leaseLost)
        /// A value could not be encoded.
        public static let encoding = Code(base: .encoding)
        /// The broker, provider or subscription has been closed.
        public static let closed = Code(base: .closed)
        /// The registry does not run.
        public static let notRunning = Code(base: .notRunning)
        /// The server's answer could not be understood.
        public static let malformedReply = Code(base: .malformedReply)
        /// What is stored under the stream's name is no stream.
        public static let wrongType = Code(base: .wrongType)
        /// A middleware threw while it made a message ready for its stream, or a reply for its requester.
        public static let middleware = Code(base: .middleware)
        /// The caller was cancelled while it waited.
        public static let cancelled = Code(base: .cancelled)
        /// The body of an answer could not be decoded.
        public static let decoding = Code(base: .decoding)
        /// Nobody awaits an answer to the message.
        public static let notRequested = Code(base: .notRequested)
        /// The delivery has been replied to before.
        public static let alreadyReplied = Code(base: .alreadyReplied)

        /// The name of the code.
        public var description: String { base.rawValue }
    }

    /// What is known about the effect of the failed call.
    public enum Effect: Sendable, Hashable {
        /// Nothing happened; doing it again doubles nothing.
        case notApplied
        /// It may have happened: the request was sent and no answer came.
        case unknown
    }

    /// What kind of error it is.
    public var code: Code
    /// What was expected, what was found and what to do, in one line.
    public var message: String
    /// The error below this one, if there is one.
    public var underlying: (any Error)?
    /// Whether trying again later can succeed.
    public var isRetryable: Bool
    /// What is known about the effect of the failed call.
    public var effect: Effect

    /// Makes an error.
    public init(
        _ code: Code, _ message: String, underlying: (any Error)? = nil, isRetryable: Bool = false,
        effect: Effect = .notApplied
    ) {
        self.code = code
        self.message = message
        self.underlying = underlying
        self.isRetryable = isRetryable
        self.effect = effect
    }
}

extension BrokerError: CustomStringConvertible, CustomDebugStringConvertible {
    /// The code and the message; of the underlying error only its type.
    public var description: String {
        let cause = underlying.map { " (\(type(of: $0)))" } ?? ""
        return "\(code): \(message)\(cause)"
    }

    /// The same as ``description``: the runtime prints this one when an error leaves `main`.
    public var debugDescription: String { description }
}
