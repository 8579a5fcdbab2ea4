// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore

// The only file of the project that imports Foundation, for the JSON coders that every Swift program knows, and for
// errors that describe themselves by its protocol.
import Foundation

/// The default codec: JSON, with dates in ISO 8601.
///
/// It has no state, so any number of tasks can share it. It makes a coder for each value, which costs less than sharing
/// one.
public struct JSONMessageCodec: MessageCodec {
    /// Makes a codec.
    public init() {}

    /// Encodes a value as JSON with its keys in a stable order.
    public func encode<Value: Encodable>(_ value: Value) throws -> Payload {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Payload([UInt8](try encoder.encode(value)))
    }

    /// Decodes a value from JSON.
    public func decode<Value: Decodable>(_ type: Value.Type, from payload: Payload) throws -> Value {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        return try decoder.decode(type, from: Data(payload.bytes))
    }
}

/// How an error that a handler threw is told in words, for its dead letter and, by choice, for the log.
enum ErrorText {
    /// Returns the words that the error has for people: its `errorDescription`, else its `description`, else what Swift
    /// prints of it.
    @Sendable static func text(of error: any Error) -> String {
        if let words = (error as? any LocalizedError)?.errorDescription, !words.isEmpty { return words }
        return String(describing: error)
    }
}
