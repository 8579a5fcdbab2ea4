// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// What a provider promises; streams state what they need, and both are compared before any traffic.
public struct BrokerCapabilities: OptionSet, Sendable, Hashable {
    /// The promises as bits.
    public let rawValue: UInt32

    /// Takes promises as bits.
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// The consumers of a group share its messages; without it, every consumer receives every message.
    public static let sharedGroups = BrokerCapabilities(rawValue: 1 << 0)
    /// What a failed or vanished consumer held comes to another one.
    public static let redelivery = BrokerCapabilities(rawValue: 1 << 1)
    /// Groups are shared by processes, and what a dead process held comes to another one.
    public static let crossProcess = BrokerCapabilities(rawValue: 1 << 2)
    /// What was published survives the process, as far as the backend persists it.
    public static let durable = BrokerCapabilities(rawValue: 1 << 3)
    /// A retry that waits does so in the backend and survives who asked for it.
    public static let durableRetry = BrokerCapabilities(rawValue: 1 << 4)
    /// Groups can begin in the past, and the past can be read.
    public static let replay = BrokerCapabilities(rawValue: 1 << 5)
    /// Storing a dead letter and removing the message from its group is one step.
    public static let atomicDeadLetter = BrokerCapabilities(rawValue: 1 << 6)
    /// Forwarding to other streams and removing the message from its group is one step.
    public static let atomicForward = BrokerCapabilities(rawValue: 1 << 7)
    /// Entries come to a group in the order in which they were stored.
    public static let ordered = BrokerCapabilities(rawValue: 1 << 8)
    /// Streams can be consumed by pattern.
    public static let patterns = BrokerCapabilities(rawValue: 1 << 9)
    /// Streams can be bounded in length and age.
    public static let retention = BrokerCapabilities(rawValue: 1 << 10)

    /// Every single promise with the words that messages and documentation use for it.
    public static let names: [(capability: BrokerCapabilities, name: String)] = [
        (.sharedGroups, "shared groups"),
        (.redelivery, "redelivery after a crash"),
        (.crossProcess, "groups across processes"),
        (.durable, "durable"),
        (.durableRetry, "delayed retry survives the requester"),
        (.replay, "replay from the past"),
        (.atomicDeadLetter, "atomic dead letter"),
        (.atomicForward, "atomic forward"),
        (.ordered, "order within one consumer"),
        (.patterns, "patterns"),
        (.retention, "retention"),
    ]
}

extension BrokerCapabilities: CustomStringConvertible {
    /// The promises in words, separated by commas.
    public var description: String {
        Self.names.filter { contains($0.capability) }.map(\.name).joined(separator: ", ")
    }
}
