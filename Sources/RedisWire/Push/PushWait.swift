// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// How callers wait for the confirmation of a topic.
enum PushWait {
    typealias Waiter = CheckedContinuation<Result<Void, RedisError>, Never>

    /// Waits until a waiter got its result.
    ///
    /// - Parameters:
    ///   - limit: How long to wait.
    ///   - loop: Where the time is kept.
    ///   - want: Adds the waiter, or gives it its result.
    ///   - giveUp: Removes the waiter, if it is still there, and gives it the reason.
    static func confirmation(
        within limit: Duration, on loop: any EventLoop, want: (Waiter) -> Void,
        giveUp: @escaping @Sendable (_ isCancelled: Bool) -> Void
    ) async throws(RedisError) {
        let timer = loop.scheduleTask(in: TimeAmount(limit)) { giveUp(false) }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                want(waiter)
                // The task may have been cancelled before the waiter was added.
                if Task.isCancelled { giveUp(true) }
            }
        } onCancel: {
            giveUp(true)
        }
        timer.cancel()
        try result.get()
    }
}
