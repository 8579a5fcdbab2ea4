// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The commands that a server was sent, and who waits for them.
final class CommandLog: Sendable {
    private struct Watcher {
        let number: Int
        let isEnough: @Sendable ([[String]]) -> Bool
        let continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var commands: [[String]] = []
        var watchers: [Watcher] = []
        var lastNumber = 0

        mutating func takeWatchers(_ isOver: (Watcher) -> Bool) -> [Watcher] {
            let over = watchers.filter(isOver)
            watchers.removeAll { watcher in over.contains { $0.number == watcher.number } }
            return over
        }
    }

    private let state = Mutex(State())

    var all: [[String]] { state.withLock { $0.commands } }

    func append(_ command: [String]) {
        let content = state.withLock { state in
            state.commands.append(command)
            let commands = state.commands
            return state.takeWatchers { $0.isEnough(commands) }
        }
        for watcher in content { watcher.continuation.resume() }
    }

    /// Waits until the commands are enough, or the task is cancelled.
    func wait(until isEnough: @escaping @Sendable ([[String]]) -> Bool) async {
        let number = state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if isEnough(state.commands) || Task.isCancelled { return true }
                    state.watchers.append(Watcher(number: number, isEnough: isEnough, continuation: continuation))
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            let cancelled = state.withLock { $0.takeWatchers { $0.number == number } }
            for watcher in cancelled { watcher.continuation.resume() }
        }
    }
}
