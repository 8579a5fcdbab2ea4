// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// What publishing to a stream needs to know of it.
package struct PublishRoute: Sendable {
    /// Where the stream lies.
    package let key: String
    /// How many entries the stream keeps when the oldest give way; `nil` when none do.
    package let bound: Int?

    package init(to stream: StreamName, declared: [StreamConfiguration], keys: RedisKeys) {
        key = keys.key(of: stream)
        let exact = declared.first { $0.selection == .stream(stream) }
        let found = (exact ?? declared.first { $0.selection.matches(stream) })?.retention
        let retention = stream.isReserved ? .reserved : found
        bound = retention?.mode == .cap ? retention?.maximumLength : nil
    }
}
