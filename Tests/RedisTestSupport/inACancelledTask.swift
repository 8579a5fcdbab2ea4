// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Runs `body` in a task that is cancelled already.
package func inACancelledTask<Answer: Sendable>(
    _ body: @escaping @Sendable () async throws -> Answer
) async throws -> Answer {
    async let answer = {
        withUnsafeCurrentTask { $0?.cancel() }
        return try await body()
    }()
    return try await answer
}
