// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import RedisTestSupport
import Testing

/// One redis-server for all tests of a suite.
struct SharedRedis: SuiteTrait, TestScoping {
    @TaskLocal static var server: RedisServer?

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await RedisServer.with { server in
            try await Self.$server.withValue(server) { try await function() }
        }
    }
}

extension Trait where Self == SharedRedis {
    /// One redis-server for all tests of the suite; ``SharedRedis/server`` is it.
    static var sharedRedis: Self { Self() }
}
