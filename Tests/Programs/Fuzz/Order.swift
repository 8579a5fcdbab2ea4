// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import FuzzTargets

/// What the arguments ask for.
struct Order {
    let target: any FuzzTarget
    /// How long the attack goes on.
    private(set) var time = Duration.seconds(10)
    private(set) var seed = UInt64.random(in: 0..<1_000_000_000)
    /// The folder of the inputs that were kept.
    private(set) var kept: String?
    /// The file in which the input lies that is being decoded.
    private(set) var current: String?

    /// Reads the arguments; `nil` when they make no sense.
    init?(_ arguments: some Sequence<String>) {
        var rest = arguments.makeIterator()
        let name = rest.next()
        guard let target = FuzzTargets.all.first(where: { $0.name == name }) else { return nil }
        self.target = target
        while let option = rest.next() {
            guard let value = rest.next() else { return nil }
            switch (option, UInt64(value)) {
            case ("--seconds", let seconds?) where seconds < 1 << 31: time = .seconds(Int64(seconds))
            case ("--seed", let seed?): self.seed = seed
            case ("--kept", _): kept = value
            case ("--current", _): current = value
            default: return nil
            }
        }
    }
}
