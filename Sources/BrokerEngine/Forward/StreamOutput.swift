// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore

/// What a handler publishes in place of its message: a value or a message, and the stream that it goes to.
public struct StreamOutput: Sendable {
    /// The stream that it goes to.
    public let stream: StreamName
    /// The publisher's own id of the message; `nil` for none.
    let id: DeduplicationID?
    /// Makes the message; the key is that of the input.
    let makeMessage: @Sendable (any MessageCodec, String?) throws(BrokerError) -> Message

    /// Makes an output of a value, encoded by the registry's codec.
    ///
    /// - Parameters:
    ///   - stream: The stream that it goes to.
    ///   - value: The value.
    ///   - id: The publisher's own id of the message, by which it is stored once; none by default.
    ///   - key: The ordering key; that of the input by default. To publish without a key, pass a ``Message``.
    ///   - headers: The headers; those of the input are not copied.
    public static func to<Value: Encodable & Sendable>(
        _ stream: StreamName, _ value: Value, id: DeduplicationID? = nil, key: String? = nil, headers: Headers = [:]
    ) -> StreamOutput {
        StreamOutput(stream: stream, id: id) { (codec, inputKey) throws(BrokerError) in
            Message(try codec.body(of: value), key: key ?? inputKey, headers: headers)
        }
    }

    /// Makes an output of a message as it is, such as the input itself.
    public static func to(_ stream: StreamName, _ message: Message, id: DeduplicationID? = nil) -> StreamOutput {
        StreamOutput(stream: stream, id: id) { _, _ in message }
    }

    /// Wrap bytes in a ``Message``, so that they are not encoded as a list of numbers by accident.
    @available(*, unavailable, message: "wrap the bytes: .to(…, Message(bytes))")
    public static func to(
        _ stream: StreamName, _ bytes: [UInt8], id: DeduplicationID? = nil, key: String? = nil, headers: Headers = [:]
    ) -> StreamOutput {
        .to(stream, Message(bytes, key: key, headers: headers), id: id)
    }
}

extension MessageCodec {
    /// Encodes a value; the error names the type that could not be encoded.
    func body<Value: Encodable>(of value: Value) throws(BrokerError) -> Payload {
        do {
            return try encode(value)
        } catch let error as BrokerError {
            throw error
        } catch {
            throw BrokerError(.encoding, "the codec could not encode a \(Value.self)", underlying: error)
        }
    }
}

/// Publishing in place of the message.
extension Delivery {
    /// Publishes a message to another stream and settles this one, as ``forward(_:)`` does.
    public func forward(_ message: Message, to stream: StreamName) async throws(BrokerError) {
        try await forward([.to(stream, message)])
    }

    /// Publishes outputs, each to its stream, and settles this message; without outputs it is an ack.
    ///
    /// Where the provider promises it for these streams, all of this is one step: it happens as a whole or not at all.
    /// The verb then returns at once or, when a stream is broadcast as well, once the outputs are stored. Elsewhere the
    /// outputs are published first, and a crash or a failure before the ack publishes them again.
    ///
    /// - Throws: What every verb throws; before anything happens, an error for an output that breaks a rule of
    ///   publishing or whose stream is not declared; where publishing comes first, what publishing throws.
    public func forward(_ outputs: [StreamOutput]) async throws(BrokerError) {
        guard !outputs.isEmpty else { return try ack() }
        try await consumer.forward(self, outputs)
    }
}
