// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore

/// Stands where no codec was given: turns no value into a body and none back.
public struct NoCodec: MessageCodec {
    /// Makes one.
    public init() {}

    /// Throws.
    public func encode<Value: Encodable>(_ value: Value) throws -> Payload {
        throw BrokerError(.encoding, "no codec was given to withVirtualBroker: say codec: JSONMessageCodec()")
    }

    /// Throws.
    public func decode<Value: Decodable>(_ type: Value.Type, from payload: Payload) throws -> Value {
        throw BrokerError(.encoding, "no codec was given to withVirtualBroker: say codec: JSONMessageCodec()")
    }
}
