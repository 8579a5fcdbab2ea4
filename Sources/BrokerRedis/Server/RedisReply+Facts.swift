// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import RedisWire

extension RedisReply {
    /// What XINFO says about one thing, by name: names and values in turn.
    var facts: [String: RedisReply] {
        var facts: [String: RedisReply] = [:]
        var values = elements.makeIterator()
        while let name = values.next()?.string, let value = values.next() { facts[name] = value }
        return facts
    }

    /// Whether it says that there is no such stream or group.
    var isAbsence: Bool {
        guard let error else { return false }
        return error.text.hasPrefix("ERR no such key") || error.reaction == .ensureGroup
    }
}
