// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Turns values into bodies and back; registries take any, JSON is the default.
public protocol MessageCodec: Sendable {
    /// The body of a value. An error it throws reaches the publisher.
    func encode<Value: Encodable>(_ value: Value) throws -> Payload

    /// The value of a body. An error it throws makes the message a dead letter at once.
    func decode<Value: Decodable>(_ type: Value.Type, from payload: Payload) throws -> Value
}
