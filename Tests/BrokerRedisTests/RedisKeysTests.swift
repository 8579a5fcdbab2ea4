// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import RedisWire
import Testing

@Suite("Keys")
struct RedisKeysTests {
    @Test("What belongs to a stream lies beside it, in its slot")
    func slots() {
        for (prefix, stream, key) in [
            ("", "orders", "orders"), ("app:", "orders", "app:orders"), ("app:", "{orders}:dead", "{app:orders}:dead"),
            ("app:", "a{b}c", "app:a{b}c"),
        ] {
            let keys = RedisKeys(prefix: prefix)
            let stream = StreamName(stream)
            #expect(keys.key(of: stream) == key)
            #expect(keys.stream(at: key) == stream)
            for other in [keys.due("g", of: stream), keys.floor("g", of: stream), keys.formerGuard("g", of: stream)] {
                #expect(RedisSlot(of: other) == RedisSlot(of: key))
            }
            #expect(RedisSlot(of: keys.key(of: stream.deadLetters)) == RedisSlot(of: key))
        }
        #expect(RedisKeys(prefix: "app:").due("billing", of: "orders") == "{app:orders}:billing:due")
    }

    @Test("A key without the prefix is nobody's stream")
    func foreign() {
        #expect(RedisKeys(prefix: "app:").stream(at: "orders") == nil)
        #expect(RedisKeys(prefix: "app:").stream(at: "{orders}:dead") == nil)
    }
}
