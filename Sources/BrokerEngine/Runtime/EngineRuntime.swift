// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore

/// What the engine takes from its surroundings: time, chance, and the thread on which leases are kept.
///
/// The defaults are the real ones; tests and simulations put their own in.
public struct EngineRuntime: Sendable {
    /// Where all time is taken from; the default is ``EngineThread/shared``.
    public var clock: any BrokerClock
    /// Where leases are kept; `nil` keeps them wherever the rest runs. The default is ``EngineThread/shared``.
    public var leaseExecutor: (any TaskExecutor)?
    /// Random bits, for jitter and for consumers' names.
    public var random: @Sendable () -> UInt64
    /// What tells this process from others in consumers' names, usually `host-pid`.
    public var instance: String
    /// How an error that a handler threw is told in words, as beside its dead letter; by default `String(describing:)`.
    ///
    /// The registries of the module `StreamBroker` ask an error for its `errorDescription` first.
    public var errorText: @Sendable (any Error) -> String = { String(describing: $0) }
    /// How much a consumer lets wait behind keys; tests and simulations make it small.
    package var backlog = BacklogLimits()

    /// Makes a runtime; by default the engine's own thread, the system's randomness, and an instance without a name.
    ///
    /// - Parameters:
    ///   - clock: Where all time is taken from.
    ///   - leaseExecutor: Where leases are kept; `nil` keeps them wherever the rest runs.
    ///   - random: Random bits, for jitter and for consumers' names.
    ///   - instance: What tells this process from others in consumers' names.
    public init(
        clock: any BrokerClock = EngineThread.shared, leaseExecutor: (any TaskExecutor)? = EngineThread.shared,
        random: @escaping @Sendable () -> UInt64 = { .random(in: .min ... .max) }, instance: String = "local"
    ) {
        self.clock = clock
        self.leaseExecutor = leaseExecutor
        self.random = random
        self.instance = instance
    }

    /// The random bits as the standard library wants them.
    var generator: RuntimeGenerator { RuntimeGenerator(bits: random) }

    /// A name that no other consumer of a group has: `host-pid-random`, where host and process are for a person, and the
    /// six characters behind them tell a process from an earlier one of the same number.
    func consumerName() -> ConsumerName {
        ConsumerName("\(instance)-\(suffix(of: random()))")
    }

    private func suffix(of bits: UInt64) -> String {
        let text = String(bits % 2_176_782_336, radix: 36)
        return String(repeating: "0", count: 6 - text.count) + text
    }
}

/// How much may wait behind its key without taking room from others.
package struct BacklogLimits: Sendable, Equatable {
    /// How many messages.
    package var messages: Int
    /// How many bytes their bodies may have together.
    package var bytes: Int

    package init(messages: Int = 1000, bytes: Int = 16 << 20) {
        self.messages = messages
        self.bytes = bytes
    }
}

/// A random number generator over the runtime's bits.
struct RuntimeGenerator: RandomNumberGenerator {
    let bits: @Sendable () -> UInt64

    mutating func next() -> UInt64 { bits() }
}
