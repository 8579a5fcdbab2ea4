// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerEngine

/// Runs a registry for as long as `body` does: records handlers, runs, and drains when the body has ended.
///
/// Throws what `register` or `body` threw, else what the registry's `run()` threw. If the registry ends first, with an
/// error, the body is cancelled.
public func withBrokerRegistry<Result: Sendable>(
    _ registry: BrokerRegistry, register: (BrokerRegistry) async throws -> Void = { _ in },
    body: @escaping @Sendable (BrokerRegistry) async throws -> Result
) async throws -> Result {
    try await register(registry)
    return try await withThrowingTaskGroup(of: Result?.self) { group in
        group.addTask {
            try await registry.run()
            return nil
        }
        group.addTask {
            defer { registry.drain() }
            return try await body(registry)
        }
        var result: Result?
        while let next = try await group.next() { result = result ?? next }
        guard let result else { throw CancellationError() }
        return result
    }
}

/// Loads a registry from a file and runs it for as long as `body` does.
public func withBrokerRegistry<Result: Sendable>(
    _ path: String = "brokers.yaml", environment: String? = nil,
    register: (BrokerRegistry) async throws -> Void = { _ in },
    body: @escaping @Sendable (BrokerRegistry) async throws -> Result
) async throws -> Result {
    try await withBrokerRegistry(
        BrokerRegistry.load(path, environment: environment), register: register, body: body)
}
