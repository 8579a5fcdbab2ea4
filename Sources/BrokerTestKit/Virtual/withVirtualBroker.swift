// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
public import BrokerEngine
import BrokerMemory

/// Runs `body` with a running broker on virtual time, drains the broker, and returns the result.
///
/// - Parameters:
///   - configuration: Brokers, streams and groups, as the application has them. Every broker becomes one in memory.
///   - codec: Encodes and decodes values, for typed handlers and for publishing values.
///   - middleware: Surrounds handling and publishing. The first one is nearest to the broker.
///   - seed: Makes the order of tasks that are ready at the same time, and the jitter, random. Without it, tasks run in
///     the order in which they became ready.
///   - register: Records the application's handlers before the broker runs.
/// - Returns: The result of `body`.
/// - Throws: The error of `body`; ``HandlerOffTheClock`` if a handler still runs at its end and waits in real time.
@discardableResult
public func withVirtualBroker<Value: Sendable>(
    _ configuration: BrokersConfiguration, codec: any MessageCodec = NoCodec(),
    middleware: [any BrokerMiddleware] = [], seed: UInt64? = nil,
    register: (BrokerRegistry) throws -> Void = { _ in },
    _ body: @escaping @Sendable (VirtualBroker) async throws -> Value
) async throws -> Value {
    let broker = try VirtualBroker(configuration, codec: codec, middleware: middleware, seed: seed)
    try register(broker.registry)
    return try await broker.time.run { try await broker.serve(body) }
}

/// Runs `body` with a running broker on virtual time that has one stream and its groups, and returns the result.
///
/// - Parameters:
///   - stream: The stream.
///   - groups: Its groups.
///   - options: Retries, concurrency and the other options of the groups; by default the defaults.
///   - codec: Encodes and decodes values, for typed handlers and for publishing values.
@discardableResult
public func withVirtualBroker<Value: Sendable>(
    stream: String, groups: GroupName..., options: ConsumerOptions = ConsumerOptions(),
    codec: any MessageCodec = NoCodec(), _ body: @escaping @Sendable (VirtualBroker) async throws -> Value
) async throws -> Value {
    let configuration = BrokersConfiguration(
        brokers: [BrokerConfiguration("memory", provider: MemoryProviderFactory().name)],
        streams: [StreamConfiguration(stream, options: options, groups: groups.map { GroupConfiguration($0) })])
    return try await withVirtualBroker(configuration, codec: codec, body)
}

/// The codec of a test that gives none. It throws for every value.
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
