// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix

/// The event loop on which the connections of one provider live, also as an executor for the tasks that call them.
///
/// A reply resumes a task that prefers this executor without waking another thread. Whatever runs here delays the
/// replies of all these connections, so it must be short and must not block.
package final class ConnectionLoop: TaskExecutor {
    let eventLoop: any EventLoop

    /// Takes the event loops of the process in turn, one for each core.
    package init() {
        eventLoop = MultiThreadedEventLoopGroup.singleton.next()
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        eventLoop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
