// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Looks again and again until something is there, and fails after a while.
///
/// For what happens in other processes, which nobody can be told of.
@discardableResult
package func eventually<Answer>(
    _ what: String, within limit: Duration = .seconds(60), _ look: () async throws -> Answer?
) async throws -> Answer {
    let end = ContinuousClock.now + limit
    while true {
        if let answer = try await look() { return answer }
        guard ContinuousClock.now < end else { throw RigFailure("not within \(limit): \(what)") }
        try await Task.sleep(for: .milliseconds(20))
    }
}

/// Looks again and again until something is so, and fails after a while.
package func eventually(
    _ what: String, within limit: Duration = .seconds(60), isSo: () async throws -> Bool
) async throws {
    try await eventually(what, within: limit) { try await isSo() ? true : nil }
}
