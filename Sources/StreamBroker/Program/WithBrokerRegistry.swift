// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
public import BrokerEngine

/// Runs a registry for as long as `body` does: records handlers, runs, and drains when the body has ended.
///
/// The body begins when the registry runs, so that it can publish, ask and add handlers at once; it does not begin when
/// the handlers do not fit the configuration.
///
/// Throws what went wrong first: in `register`, in the registry's `run()`, or in `body`. If the registry ends with an
/// error the body is cancelled; if the body ends with one the registry drains as it does after a success. However it
/// ends, the registry's providers are closed.
public func withBrokerRegistry<Value: Sendable>(
    _ registry: BrokerRegistry, register: (BrokerRegistry) async throws -> Void = { _ in },
    body: @escaping @Sendable (BrokerRegistry) async throws -> Value
) async throws -> Value {
    let value: Value
    do {
        try await register(registry)
        value = try await run(registry, beside: body)
    } catch {
        // One that never ran, because its handlers did not fit, has not closed itself.
        await registry.close()
        throw error
    }
    return value
}

/// Runs a registry and the body beside it until both have ended; a body that fails leaves the registry to drain.
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

/// Loads a registry from a file and runs it for as long as `body` does.
public func withBrokerRegistry<Value: Sendable>(
    _ path: String = "brokers.yaml", environment: String? = nil,
    register: (BrokerRegistry) async throws -> Void = { _ in },
    body: @escaping @Sendable (BrokerRegistry) async throws -> Value
) async throws -> Value {
    try await withBrokerRegistry(
        BrokerRegistry.load(path, environment: environment), register: register, body: body)
}
