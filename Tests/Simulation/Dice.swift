// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerTestKit
import Synchronization

/// Chance for everything that one simulation draws; asked in the order of the run, so that the seed determines it.
final class Dice: Sendable {
    private let generator: Mutex<SeededGenerator>

    init(seed: UInt64) { generator = Mutex(SeededGenerator(seed: seed)) }

    func bits() -> UInt64 { generator.withLock { $0.next() } }

    func chance(_ part: Double) -> Bool { number(in: 0..<1.0) < part }

    func number(in range: Range<Double>) -> Double { generator.withLock { Double.random(in: range, using: &$0) } }

    func number(in range: ClosedRange<Int>) -> Int { generator.withLock { Int.random(in: range, using: &$0) } }

    func one<Element>(of list: [Element]) -> Element { list[number(in: 0...(list.count - 1))] }

    /// Up to `most`, in whole microseconds.
    func duration(upTo most: Duration) -> Duration {
        .microseconds(number(in: 0...max(0, Int(most / .microseconds(1)))))
    }

    /// From 0.1 to 30 s, small ones as likely as large ones.
    func visibility() -> Duration {
        let octaves = number(in: 0..<8.22)
        let whole = Int(octaves)
        return .milliseconds(Int(100 * Double(1 << whole) * (1 + octaves - Double(whole))))
    }
}
