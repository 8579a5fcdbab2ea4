// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore

/// How far a replay has come.
public struct ReplayReport: Sendable {
    /// How many entries were copied.
    public var count: Int
    /// What is left of the range, to be copied by another call; `nil` when all of it is done.
    public var rest: ClosedRange<MessageID>?
    /// Why it ended before the end; `nil` when it did not, or its task was cancelled.
    public var failure: BrokerError?

    /// Makes a report; replays do, and tests of what reads it.
    public init(count: Int = 0, rest: ClosedRange<MessageID>? = nil, failure: BrokerError? = nil) {
        self.count = count
        self.rest = rest
        self.failure = failure
    }

    /// Takes note that everything up to an id is copied.
    mutating func pass(_ id: MessageID) {
        guard let last = rest?.upperBound, let next = id.next, next <= last else {
            rest = nil
            return
        }
        rest = next...last
    }
}
