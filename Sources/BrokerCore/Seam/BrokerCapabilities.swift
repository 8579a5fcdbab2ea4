// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// The capabilities of a provider. Streams state what they need, and the engine compares both before any traffic.
public struct BrokerCapabilities: OptionSet, Sendable, Hashable {
    /// The capabilities as bits.
    public let rawValue: UInt32

    /// Makes capabilities from bits.
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// The consumers of a group share its messages. Without it, every consumer receives every message.
    public static let sharedGroups = BrokerCapabilities(rawValue: 1 << 0)
    /// The messages of a consumer that failed or vanished are delivered to another one.
    public static let redelivery = BrokerCapabilities(rawValue: 1 << 1)
    /// Processes share groups, and the messages of a dead process are delivered to another one.
    public static let crossProcess = BrokerCapabilities(rawValue: 1 << 2)
    /// Published messages survive the process, as far as the backend persists them.
    public static let durable = BrokerCapabilities(rawValue: 1 << 3)
    /// A delayed retry waits in the backend and survives the consumer that asked for it.
    public static let durableRetry = BrokerCapabilities(rawValue: 1 << 4)
    /// Groups can start in the past, and past entries can be read.
    public static let replay = BrokerCapabilities(rawValue: 1 << 5)
    /// Storing a dead letter and removing the message from its group is one atomic step.
    public static let atomicDeadLetter = BrokerCapabilities(rawValue: 1 << 6)
    /// Forwarding to other streams and removing the message from its group is one atomic step.
    public static let atomicForward = BrokerCapabilities(rawValue: 1 << 7)
    /// A group receives entries in the order in which they were stored.
    public static let ordered = BrokerCapabilities(rawValue: 1 << 8)
    /// A consumer can subscribe to all streams that match a pattern.
    public static let patterns = BrokerCapabilities(rawValue: 1 << 9)
    /// Streams can have bounds of length and age.
    public static let retention = BrokerCapabilities(rawValue: 1 << 10)
    /// A message that is published again with its id is stored once.
    public static let deduplication = BrokerCapabilities(rawValue: 1 << 11)
    /// A publish can wait until replicas, or disks, have confirmed its messages.
    public static let durability = BrokerCapabilities(rawValue: 1 << 12)

    /// Every capability with its name in messages and documentation.
    public static let names: [(capability: BrokerCapabilities, name: String)] = [
        (.sharedGroups, "shared groups"),
        (.redelivery, "redelivery after a crash"),
        (.crossProcess, "groups across processes"),
        (.durable, "durable"),
        (.durableRetry, "delayed retry survives its consumer"),
        (.replay, "replay from the past"),
        (.atomicDeadLetter, "atomic dead letter"),
        (.atomicForward, "atomic forward"),
        (.ordered, "order within one consumer"),
        (.patterns, "patterns"),
        (.retention, "retention"),
        (.deduplication, "deduplication"),
        (.durability, "publishes that wait for replicas"),
    ]
}

extension BrokerCapabilities: CustomStringConvertible {
    /// The names of the capabilities, separated by commas.
    public var description: String {
        Self.names.filter { contains($0.capability) }.map(\.name).joined(separator: ", ")
    }
}
