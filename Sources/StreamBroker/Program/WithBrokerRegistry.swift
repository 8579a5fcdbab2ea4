// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
public import BrokerEngine

/// Runs a registry beside `body`: records handlers, runs, and drains when the body has ended.
///
/// The body begins when the registry runs, so it can publish, send requests and add handlers at once. It does not begin
/// when the handlers do not fit the configuration. If the registry ends with an error, the body is cancelled. If the
/// body ends with an error, the registry drains as it does after a success. In every case the registry's providers are
/// closed.
///
/// - Parameters:
///   - registry: The registry to run.
///   - register: Records handlers before the registry runs.
///   - body: The work beside the registry.
/// - Returns: The value of the body.
/// - Throws: The first error of `register`, of the registry's `run()`, or of `body`.
public func withBrokerRegistry<Value: Sendable>(
    _ registry: BrokerRegistry, register: (BrokerRegistry) async throws -> Void = { _ in },
    body: @escaping @Sendable (BrokerRegistry) async throws -> Value
) async throws -> Value {
    let value: Value
    do {
        try await register(registry)
        value = try await run(registry, beside: body)
    } catch {
        // A registry that never ran, because its handlers did not fit, has not closed itself.
        await registry.close()
        throw error
    }
    return value
}

/// Runs a registry and the body beside it until both have ended. When the body has ended, the registry drains.
private func run<Value: Sendable>(
    _ registry: BrokerRegistry, beside body: @escaping @Sendable (BrokerRegistry) async throws -> Value
) async throws -> Value {
    let start = WakeSignal()
    return try await withThrowingTaskGroup(of: Result<Value, any Error>?.self) { group in
        group.addTask {
            try await registry.run { start.raise() }
            return nil
        }
        group.addTask {
            defer { registry.drain() }
            await start.waitUnlessCancelled()
            if Task.isCancelled { return .failure(CancellationError()) }
            do { return .success(try await body(registry)) } catch { return .failure(error) }
        }
        var result = Result<Value, any Error>?.none
        do {
            while let next = try await group.next() { result = result ?? next }
        } catch {
            if case .failure(let earlier) = result { throw earlier }
            throw error
        }
        return try (result ?? .failure(CancellationError())).get()
    }
}

/// Loads a registry from a file and runs it beside `body`.
///
/// - Parameters:
///   - path: The file; `-` is standard input.
///   - environment: The environment whose overlay applies; by default that of `STREAMBROKER_ENV`, or none.
///   - register: Records handlers before the registry runs.
///   - body: The work beside the registry.
/// - Returns: The value of the body.
/// - Throws: A `ConfigurationError` with every problem of the file, and the first error of `register`, of the registry's
///   `run()`, or of `body`.
public func withBrokerRegistry<Value: Sendable>(
    _ path: String = "brokers.yaml", environment: String? = nil,
    register: (BrokerRegistry) async throws -> Void = { _ in },
    body: @escaping @Sendable (BrokerRegistry) async throws -> Value
) async throws -> Value {
    try await withBrokerRegistry(
        BrokerRegistry.load(path, environment: environment), register: register, body: body)
}
