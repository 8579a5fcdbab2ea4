// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import StreamBroker

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// What a message says: `NUMBER MILLISECONDS INSTRUCTION SIZE FILLING`, of which all but the number may be missing.
struct Errand {
    /// What ends the handler once the time is over.
    enum Instruction: String {
        /// It returns.
        case end
        /// The process aborts.
        case abort
        /// The process exits.
        case exit
        /// The thread is blocked for ever.
        case hang
        /// It waits for ever, and nothing ends that; the thread is free.
        case ignore
        /// It throws, each time.
        case fail
        /// It throws at the first attempt.
        case stumble
        /// It refuses the message for good.
        case reject
        /// It takes every descriptor that the process may have, 32 from then on, for the time that is told.
        case hoard
        /// It waits on a thread of its own, as the one that takes every descriptor does.
        case apart
        /// It follows the stream, for the time that is told at most; see ``Follower``.
        case follow
    }

    /// The number by which the tests know the message; of one whose filling is not whole, a number that nobody gave.
    let number: String
    let duration: Duration
    let instruction: Instruction

    init(_ text: String) {
        let words = text.split(separator: " ", maxSplits: 4)
        let name = words.first.map { String($0) } ?? "?"
        duration = .milliseconds(words.count > 1 ? Int(words[1]) ?? 0 : 0)
        instruction = words.count > 2 ? Instruction(rawValue: String(words[2])) ?? .end : .end
        let size = words.count > 3 ? Int(words[3]) ?? 0 : 0
        let isWhole = size == 0 || (words.count > 4 && words[4] == Self.filling(size, of: name))
        number = isWhole ? name : name + "-damaged"
    }

    /// A number of bytes that only this message has.
    static func filling(_ size: Int, of number: String) -> String {
        let part = number + "."
        return String(String(repeating: part, count: size / part.utf8.count + 1).prefix(size))
    }

    func run(attempt: Int) async throws {
        switch instruction {
        case .hoard: return try await hoard()
        case .apart: return await onOwnThread { usleep(UInt32(duration / .microseconds(1))) }
        default: break
        }
        if duration > .zero { try await Task.sleep(for: duration) }
        switch instruction {
        case .end, .hoard, .apart, .follow: return
        case .abort: Self.abortProcess()
        case .exit: _exit(1)
        case .hang: while true { sleep(60) }
        case .ignore: await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
        case .fail: throw Stumble()
        case .stumble: if attempt == 1 { throw Stumble() }
        case .reject: throw Reject("the test asked for it")
        }
    }

    /// Each second, Dispatch opens a file for every thread that runs, if work waits just then, and ends the process when
    /// it cannot. So this waits on a thread of its own: the end of a `Task.sleep` is such work, at such a moment.
    private func hoard() async throws {
        // Dispatch opens a descriptor for its first timer, and ends the process when it gets none.
        try await Task.sleep(for: .milliseconds(1))
        await onOwnThread {
            var limit = rlimit()
            getrlimit(Self.descriptors, &limit)
            limit.rlim_cur = 32
            setrlimit(Self.descriptors, &limit)
            var taken: [Int32] = []
            let end = ContinuousClock.now + duration
            // What is given back meanwhile is taken too.
            while ContinuousClock.now < end {
                while case let descriptor = open("/dev/null", O_RDONLY), descriptor >= 0 { taken.append(descriptor) }
                usleep(20_000)
            }
            for descriptor in taken { close(descriptor) }
        }
    }

    private func onOwnThread(_ body: @escaping @Sendable () -> Void) async {
        await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
            Thread.detachNewThread {
                body()
                continuation.resume()
            }
        }
    }

    #if canImport(Glibc)
        private static let descriptors = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #else
        private static let descriptors = RLIMIT_NOFILE
    #endif

    /// `abort(3)`, whose name the instruction hides.
    private static func abortProcess() -> Never {
        kill(getpid(), SIGABRT)
        _exit(134)
    }
}

/// What a handler throws that is told to fail.
struct Stumble: Error {}
