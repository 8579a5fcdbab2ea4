// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore

// The only file of the project that imports Foundation, for the JSON coders that every Swift program knows, and for
// errors that describe themselves by its protocol.
public import Foundation

/// The default codec: JSON, with dates in ISO 8601.
///
/// Dates are written in whole seconds (`2026-11-30T12:00:00Z`), so a fraction of a second is lost. They are read with
/// and without a fraction (`2026-11-30T12:00:00.123Z`). Another format, or other names of keys, take one line:
///
/// ```swift
/// JSONMessageCodec { $0.dateEncodingStrategy = .millisecondsSince1970 } decoder: {
///     $0.dateDecodingStrategy = .millisecondsSince1970
/// }
/// ```
///
/// Any number of tasks can share a codec. It makes a coder for each value, which costs less than sharing one.
public struct JSONMessageCodec: MessageCodec {
    private let configureEncoder: @Sendable (JSONEncoder) -> Void
    private let configureDecoder: @Sendable (JSONDecoder) -> Void

    /// Makes a codec.
    ///
    /// - Parameters:
    ///   - encoder: Changes each new encoder, which has the codec's own settings. It may be called by several tasks at
    ///     once. By default nothing is changed.
    ///   - decoder: Changes each new decoder, likewise.
    public init(
        encoder: @escaping @Sendable (JSONEncoder) -> Void = { _ in },
        decoder: @escaping @Sendable (JSONDecoder) -> Void = { _ in }
    ) {
        configureEncoder = encoder
        configureDecoder = decoder
    }

    /// Encodes a value as JSON with its keys in a stable order.
    public func encode<Value: Encodable>(_ value: Value) throws -> Payload {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        configureEncoder(encoder)
        return Payload([UInt8](try encoder.encode(value)))
    }

    /// Decodes a value from JSON.
    public func decode<Value: Decodable>(_ type: Value.Type, from payload: Payload) throws -> Value {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = Self.dates
        configureDecoder(decoder)
        return try decoder.decode(type, from: Data(payload.bytes))
    }

    /// Foundation's own `.iso8601` reads a fraction on Linux, and none on macOS 15.
    private static let dates = JSONDecoder.DateDecodingStrategy.custom { decoder in
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let date = (try? whole.parse(text)) ?? (try? fractional.parse(text)) else {
            let context = DecodingError.Context(codingPath: decoder.codingPath, debugDescription: "no date in ISO 8601")
            throw DecodingError.typeMismatch(Date.self, context)
        }
        return date
    }

    private static let whole = Date.ISO8601FormatStyle()
    private static let fractional = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
}

/// The texts of errors that others define: for their dead letters, for the end of a program and, by choice, for the log.
package enum ErrorText {
    /// Returns the text that the author of an error's type gave it: `errorDescription` of a `LocalizedError`, or else
    /// `description`. Returns `nil` for an error without both.
    package static func given(by error: any Error) -> String? {
        if let text = (error as? any LocalizedError)?.errorDescription, !text.isEmpty { return text }
        // By way of `Any`: an error of any type can be taken for an `NSError`, which describes itself.
        return ((error as Any) as? any CustomStringConvertible)?.description
    }

    /// Returns the text that an error was given, else what Swift prints of it.
    @Sendable static func text(of error: any Error) -> String {
        given(by: error) ?? String(describing: error)
    }
}
