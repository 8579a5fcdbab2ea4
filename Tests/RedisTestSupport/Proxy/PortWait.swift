// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Waits for a port that was in use a moment ago.
package enum PortWait {
    /// Binds a port again, repeatedly for at most ten seconds. A process that is being started holds the descriptors
    /// of its parent until it runs its own program, so a port stays in use for a moment after it was closed.
    package static func untilFree<Result>(_ bind: () async throws -> Result) async throws -> Result {
        let end = ContinuousClock.now + .seconds(10)
        while true {
            do {
                return try await bind()
            } catch {
                guard ContinuousClock.now < end else { throw error }
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }
}
