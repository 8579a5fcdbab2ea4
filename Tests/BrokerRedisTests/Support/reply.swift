// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import RedisWire
import Testing

/// The replies that these bytes are.
func reply(_ text: String, count: Int = 1) throws -> [RedisReply] {
    let reader = try #require(ReplyReader(limits: ReplyLimits()))
    try Array(text.utf8).withUnsafeBytes { try reader.read($0) { () throws(ReplyRefusal) in } }
    return Array(reader.take(count))
}
