// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// What the program was asked for.
struct Order {
    private(set) var seeds: ClosedRange<UInt64> = 1...1
    /// How many seeds are played side by side; by default as many as there are processors.
    private(set) var jobs = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    /// Whether the hash of each seed's events is printed, and nothing else.
    private(set) var onlyTraces = false
    /// Whether the first failure is the last.
    private(set) var endsWithFailure = false

    /// Reads the arguments; `nil` when they make no sense.
    init?(_ arguments: some Sequence<String>) {
        var numbers: [UInt64] = []
        var awaitsJobs = false
        for argument in arguments {
            switch (argument, UInt64(argument)) {
            case ("--traces", _): onlyTraces = true
            case ("--until-failure", _): endsWithFailure = true
            case ("--jobs", _): awaitsJobs = true
            case (_, let number?) where awaitsJobs:
                guard number > 0, number <= 1024 else { return nil }
                jobs = Int(number)
                awaitsJobs = false
            case (_, let number?): numbers.append(number)
            default: return nil
            }
        }
        guard numbers.count == 2, numbers[0] <= numbers[1], !awaitsJobs else { return nil }
        seeds = numbers[0]...numbers[1]
    }
}
