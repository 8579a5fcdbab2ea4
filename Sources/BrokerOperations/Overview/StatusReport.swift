// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine

/// Everything on one screen: ``Operations/status(on:)``.
public struct StatusReport: Sendable, Hashable, Codable {
    /// The condition of a broker.
    public struct Broker: Sendable, Hashable, Codable {
        /// Its name in the configuration.
        public var broker: String
        /// Its provider.
        public var provider: String
        /// Where it is, without users and passwords.
        @OrNull public var address: String?
        /// `healthy`, `degraded` or `down`.
        public var status: String
        /// Why it is not healthy.
        public var reasons: [String]
        /// How many of its streams exist, those with dead letters left out; `null` if it is down.
        @OrNull public var streams: Int?
        /// How many entries they have.
        @OrNull public var entries: Int?
        /// How many dead letters there are.
        @OrNull public var deadLetters: Int?
    }

    /// Something that somebody should look at.
    public struct Attention: Sendable, Hashable, Codable {
        /// How bad it is.
        public enum Severity: String, Sendable, Hashable, Codable {
            /// Nothing is handled until somebody acts.
            case critical
            /// It becomes worse unless somebody looks.
            case warning
        }

        /// How bad it is.
        public var severity: Severity
        /// What is wrong, in one sentence.
        public var message: String
        /// The arguments of the command that tells more, each an argument of its own: `pending`, `ls`, `orders`.
        public var next: [String]
    }

    /// The version of this form.
    public var schemaVersion = 1
    /// The brokers, in the order of the configuration.
    public var brokers: [Broker]
    /// The groups that have something to do, the farthest behind first.
    public var groups: [GroupReport]
    /// What needs attention, the worst first.
    public var attention: [Attention]

    /// Whether every broker answered.
    public var isAnswered: Bool { brokers.allSatisfy { $0.status != BrokerHealth.Status.down.rawValue } }
}

extension StatusReport.Broker {
    init(_ health: BrokerHealth, address: String?, _ streams: [CountedStream]?) {
        broker = health.broker.text
        provider = health.provider
        self.address = address
        status = health.status.rawValue
        reasons = health.reasons
        let usual = streams?.filter { !$0.holdsDeadLetters }
        self.streams = usual?.count
        entries = usual?.entries
        deadLetters = streams?.filter(\.holdsDeadLetters).entries
    }
}

extension [CountedStream] {
    /// How many entries all of them have; `nil` if that of one is unknown.
    fileprivate var entries: Int? {
        reduce(0) { sum, stream in sum.flatMap { sum in stream.statistics.length.map { sum + $0 } } }
    }
}
