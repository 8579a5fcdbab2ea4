// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore

/// What a handler publishes in the place of its message: a value or a message, and the stream it goes to.
public struct StreamOutput: Sendable {
    /// The stream that it goes to.
    public let stream: StreamName
    /// Makes the message; the key is that of the input.
    let makeMessage: @Sendable (any MessageCodec, String?) throws(BrokerError) -> Message

    /// A value, encoded by the registry's codec.
    ///
    /// - Parameters:
    ///   - stream: The stream that it goes to.
    ///   - value: The value.
    ///   - key: The ordering key; without one it has that of the input. A ``Message`` says exactly which it has.
    ///   - headers: Headers of its own; those of the input do not go along.
    public static func to<Value: Encodable & Sendable>(
        _ stream: StreamName, _ value: Value, key: String? = nil, headers: Headers = [:]
    ) -> StreamOutput {
        StreamOutput(stream: stream) { (codec, inputKey) throws(BrokerError) in
            Message(try codec.body(of: value), key: key ?? inputKey, headers: headers)
        }
    }

    /// A message as it is, such as the input itself.
    public static func to(_ stream: StreamName, _ message: Message) -> StreamOutput {
        StreamOutput(stream: stream) { _, _ in message }
    }

    /// Bytes go as a ``Message``, so that nobody stores them as a list of numbers by accident.
    @available(*, unavailable, message: "wrap the bytes: .to(…, Message(bytes))")
    public static func to(
        _ stream: StreamName, _ bytes: [UInt8], key: String? = nil, headers: Headers = [:]
    ) -> StreamOutput {
        .to(stream, Message(bytes, key: key, headers: headers))
    }
}

extension MessageCodec {
    /// The body of a value, with an error that says what could not be encoded.
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
