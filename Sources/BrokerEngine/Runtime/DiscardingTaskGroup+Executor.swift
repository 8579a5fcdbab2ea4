// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

extension DiscardingTaskGroup {
    /// Adds a task that prefers an executor; `nil` leaves it where the group runs.
    ///
    /// A preference of `nil` would end the parent's preference too, once optimised (Swift 6.3.1).
    mutating func addTask(on executor: (any TaskExecutor)?, _ body: sending @escaping @isolated(any) () async -> Void) {
        if let executor {
            addTask(executorPreference: executor, operation: body)
        } else {
            addTask(operation: body)
        }
    }
}
