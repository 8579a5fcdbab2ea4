// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// Typed handlers: the body as a value.
extension Delivery {
    /// The value of the body; what is wrong with it is told by type and place, never by its bytes.
    func decode<Value: Decodable>(_ type: Value.Type, with codec: any MessageCodec) throws -> Value {
        do {
            return try codec.decode(type, from: message.payload)
        } catch {
            throw Undecodable(reason: "the body is no \(type): \(Self.summary(error))")
        }
    }

    private static func summary(_ error: any Error) -> String {
        if let error = error as? BrokerError { return error.message }
        guard let error = error as? DecodingError else { return "\(Swift.type(of: error))" }
        return switch error {
        case .typeMismatch(let type, let context): "expected \(type) at \(place(context))"
        case .valueNotFound(let type, let context): "no \(type) at \(place(context))"
        case .keyNotFound(let key, let context): "no key '\(key.stringValue)' at \(place(context))"
        case .dataCorrupted(let context): "damaged data at \(place(context))"
        @unknown default: "undecodable"
        }
    }

    private static func place(_ context: DecodingError.Context) -> String {
        let path = context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }
        return path.isEmpty ? "the top" : path.joined(separator: ".")
    }
}
