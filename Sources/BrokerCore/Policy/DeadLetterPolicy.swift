// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// What happens to a message whose attempts are spent.
public struct DeadLetterPolicy: Sendable, Hashable {
    /// Where it goes; `nil` is the stream's own ``StreamName/deadLetters``.
    public var stream: StreamName?
    /// Whether it is kept at all; when false, the last failure acknowledges it, with an event and a count.
    public var isEnabled: Bool

    /// Makes a policy; by default enabled, with the stream's own dead-letter stream.
    public init(stream: StreamName? = nil, isEnabled: Bool = true) {
        self.stream = stream
        self.isEnabled = isEnabled
    }

    /// Where dead letters of `origin` go.
    public func destination(for origin: StreamName) -> StreamName {
        stream ?? origin.deadLetters
    }
}
