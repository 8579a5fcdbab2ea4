// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

#if LIBFUZZER
    import CLibFuzzer
    import FuzzTargets
    import Glibc

    /// A run of libFuzzer, which finds its way by what code an input reaches.
    enum CoverageRun {
        /// Written once, before libFuzzer begins to call back on the same thread.
        nonisolated(unsafe) private static var target: any FuzzTarget = ReplyTarget()

        /// Hands over to libFuzzer, and ends the process with its exit code.
        static func run(_ target: any FuzzTarget, _ arguments: [String]) -> Never {
            self.target = target
            let names: [UnsafeMutablePointer<CChar>?] =
                ([CommandLine.arguments[0]] + arguments).map { strdup($0) } + [nil]
            // libFuzzer keeps the pointers for as long as the process lives.
            let argv = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: names.count)
            argv.initialize(from: names, count: names.count)
            var count = Int32(names.count - 1)
            var pointer: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = argv
            exit(
                LLVMFuzzerRunDriver(&count, &pointer) { data, size in
                    CoverageRun.check(UnsafeBufferPointer(start: data, count: size))
                    return 0
                })
        }

        private static func check(_ data: UnsafeBufferPointer<UInt8>) {
            do throws(FuzzFinding) {
                _ = try target.check(Array(data))
            } catch {
                Fuzz.say("broken promise: \(error)")
                abort()
            }
        }
    }
#endif
