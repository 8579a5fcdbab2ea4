// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Dispatch
import Synchronization

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Ctrl-C: the first one cancels the command, which ends in order; the second one, or half a second, ends the process.
///
/// Every change is such that the process may end anywhere.
enum Interruption {
    private static let patience = DispatchTimeInterval.milliseconds(500)

    /// Runs a command to its end and returns its exit code; 130 if it was interrupted.
    static func run(_ command: @escaping @Sendable () async -> Int32) async -> Int32 {
        let interruptions = Interruptions()
        signal(SIGINT, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
        source.setEventHandler {
            if interruptions.count() > 1 { end() }
            DispatchQueue.global().asyncAfter(deadline: .now() + patience, execute: end)
        }
        source.resume()
        defer { source.cancel() }
        return await withTaskGroup(of: Int32?.self) { group in
            group.addTask { await command() }
            group.addTask {
                await interruptions.first.waitUnlessCancelled()
                return nil
            }
            var code = ExitCodes.interrupted
            while let ended = await group.next() {
                if let ended { code = ended }
                group.cancelAll()
            }
            return interruptions.isEmpty ? code : ExitCodes.interrupted
        }
    }

    /// Ends the process after a time, with a complaint, whatever it does then.
    static func end(after limit: Duration, code: Int32, _ complain: @escaping @Sendable () -> Void) {
        DispatchQueue.global().asyncAfter(deadline: .now() + limit / .seconds(1)) {
            complain()
            _exit(code)
        }
    }

    @Sendable private static func end() {
        _exit(ExitCodes.interrupted)
    }
}

/// How often Ctrl-C was pressed.
private final class Interruptions: Sendable {
    /// Raised by the first one.
    let first = WakeSignal()
    private let number = Mutex(0)

    var isEmpty: Bool { number.withLock { $0 == 0 } }

    /// Counts one more and returns how many there were.
    func count() -> Int {
        let number = number.withLock { number in
            number += 1
            return number
        }
        first.raise()
        return number
    }
}
