// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Why publishing, consuming, settling or a request failed.
///
/// Its descriptions never show payloads, header values or secrets.
public struct BrokerError: Error, Sendable {
    /// The kind of an error. Later versions may add kinds.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Base: String {
            case connection, timeout, server, unauthorized, overloaded, invalidMessage, payloadTooLarge
            case undeclaredStream, undeclaredGroup, unsupported, alreadySettled, leaseLost, encoding, closed
            case notRunning, malformedReply, wrongType, middleware
            case cancelled, decoding, notRequested, alreadyReplied, underReplicated
        }

        private let base: Base

        /// The server could not be reached, or the connection broke.
        public static let connection = Code(base: .connection)
        /// No reply came in time.
        public static let timeout = Code(base: .timeout)
        /// The server replied with an error.
        public static let server = Code(base: .server)
        /// The server refused the credentials or the rights.
        public static let unauthorized = Code(base: .unauthorized)
        /// A bound on waiting work was reached, such as that of messages that wait to be published.
        public static let overloaded = Code(base: .overloaded)
        /// The message breaks a rule: it has a reserved header name, or too many headers.
        public static let invalidMessage = Code(base: .invalidMessage)
        /// The body is larger than the stream's `max-payload`.
        public static let payloadTooLarge = Code(base: .payloadTooLarge)
        /// The configuration declares no such stream.
        public static let undeclaredStream = Code(base: .undeclaredStream)
        /// The configuration declares no such group.
        public static let undeclaredGroup = Code(base: .undeclaredGroup)
        /// The provider does not have the capability that the call needs.
        public static let unsupported = Code(base: .unsupported)
        /// The delivery has already been settled.
        public static let alreadySettled = Code(base: .alreadySettled)
        /// Another consumer holds the lease now.
        public static let leaseLost = Code(base: .leaseLost)
        /// A value could not be encoded.
        public static let encoding = Code(base: .encoding)
        /// The broker, provider or subscription has been closed.
        public static let closed = Code(base: .closed)
        /// The registry does not run.
        public static let notRunning = Code(base: .notRunning)
        /// The server's reply could not be understood.
        public static let malformedReply = Code(base: .malformedReply)
        /// The server stores something else than a stream under the stream's name.
        public static let wrongType = Code(base: .wrongType)
        /// A middleware threw while it made a message ready for its stream, or a reply for its requester.
        public static let middleware = Code(base: .middleware)
        /// The calling task was cancelled while it waited.
        public static let cancelled = Code(base: .cancelled)
        /// The body of a reply could not be decoded.
        public static let decoding = Code(base: .decoding)
        /// The message is not a request: nobody waits for a reply.
        public static let notRequested = Code(base: .notRequested)
        /// The delivery has already been replied to.
        public static let alreadyReplied = Code(base: .alreadyReplied)

        /// The message is stored, but fewer replicas or disks than its stream asks for (`durability`) have confirmed it in
        /// time. A failure of the server may lose it. ``BrokerError/receipt`` says which entry it is.
        public static let underReplicated = Code(base: .underReplicated)

        /// The name of the code.
        public var description: String { base.rawValue }
    }

    /// What is known about the effect of the failed call.
    public enum Effect: Sendable, Hashable {
        /// The call had no effect. It is safe to repeat it.
        case notApplied
        /// The call may have had its effect: it was sent, and no reply came.
        case unknown
    }

    /// What kind of error it is.
    public var code: Code
    /// What was expected, what was found and what to do, in one line.
    public var message: String
    /// The error that caused this one; `nil` when there is none.
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
    /// The code, the message, and the type of the underlying error.
    public var description: String {
        let cause = underlying.map { $0 is Shortfall ? "" : " (\(type(of: $0)))" } ?? ""
        return "\(code): \(message)\(cause)"
    }

    /// The same as ``description``. The runtime prints it when an error leaves `main`.
    public var debugDescription: String { description }
}

/// Messages that are stored, and less certain than they should be.
extension BrokerError {
    /// What is known of a message that was stored all the same.
    fileprivate struct Shortfall: Error {
        var receipt: PublishReceipt
    }

    /// The receipt of a message that is stored although its publish failed: with ``Code/underReplicated``. It says how
    /// many replicas have confirmed the message. `nil` for every other error.
    public var receipt: PublishReceipt? { (underlying as? Shortfall)?.receipt }

    /// Makes the error for a message that is stored, and that fewer replicas or disks confirmed than its stream asks for.
    ///
    /// - Parameters:
    ///   - receipt: The entry, and how many replicas have confirmed it.
    ///   - stream: The stream that stores it.
    ///   - policy: What the stream asks for.
    ///   - isOnDisk: Whether the server that stores it has it on disk; matters for ``DurabilityPolicy/fsync``.
    public static func underReplicated(
        _ receipt: PublishReceipt, in stream: StreamName, _ policy: DurabilityPolicy, isOnDisk: Bool
    ) -> BrokerError {
        let replicas = "\(receipt.replicas ?? 0) of \(policy.replicas) replicas"
        let confirmed =
            switch (policy.fsync, isOnDisk) {
            case (false, _): "\(replicas) confirmed it"
            case (true, true): "\(replicas) had it on disk"
            case (true, false):
                policy.replicas == 0 ? "it was not on disk" : "it was not on disk, and \(replicas) had it there"
            }
        return BrokerError(
            .underReplicated,
            "'\(stream)' stored the message as \(receipt.id), but within \(policy.timeout.inWords) "
                + "\(confirmed); a failover may lose it: check the replicas, and publish it again only with an id",
            underlying: Shortfall(receipt: receipt), isRetryable: true, effect: .unknown)
    }
}
