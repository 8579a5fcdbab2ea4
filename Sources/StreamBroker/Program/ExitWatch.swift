// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Says it when something calls `exit` while a registry runs, such as a handler: nothing is drained then.
///
/// It is state of the process, since `exit` ends the process and calls plain functions.
enum ExitWatch {
    private static let isWatching = Atomic<Bool>(false)

    /// Begins to watch. One registry of the process is watched.
    static func begin() {
        isWatching.store(true, ordering: .relaxed)
        atexit {
            guard ExitWatch.isWatching.load(ordering: .relaxed) else { return }
            StandardOutput.printError(
                "error: exit() ended the program while its registry ran; nothing was drained, and the messages that it "
                    + "held come again when their leases run out; to end the program, call registry.drain()")
        }
    }

    /// Ends the watch: the registry has ended.
    static func end() {
        isWatching.store(false, ordering: .relaxed)
    }
}
