// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore

// The only file of the project that imports Foundation, for the JSON coders that every Swift program knows.
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

/// The texts of errors that others define.
package enum ErrorText {
    /// Returns the text that the author of an error's type gave it: `errorDescription` of a `LocalizedError`, or else
    /// `description`. Returns `nil` for an error without both.
    package static func given(by error: any Error) -> String? {
        if let text = (error as? any LocalizedError)?.errorDescription { return text }
        // By way of `Any`: an error of any type can be taken for an `NSError`, which describes itself.
        return ((error as Any) as? any CustomStringConvertible)?.description
    }
}
