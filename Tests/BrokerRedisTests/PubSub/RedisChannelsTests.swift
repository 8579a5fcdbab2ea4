// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import RedisWire
import Testing

/// How streams are channels.
@Suite struct RedisChannelsTests {
    @Test(arguments: ["", "app:"]) func aStreamIsAChannelAndBack(prefix: String) {
        let names = RedisChannels(prefix: prefix)
        for stream in ["orders", "{a}:b", "x.y-z_1"] as [StreamName] {
            #expect(names.channel(of: stream) == prefix + stream.text)
            #expect(names.stream(of: prefix + stream.text) == stream)
        }
        #expect(RedisChannels(prefix: "app:").stream(of: "other:orders") == nil)
    }

    @Test func onlyTheStarHasAMeaning() {
        let names = RedisChannels(prefix: "a?b:")
        let pattern = StreamPattern("agent.*[1]^\\?")
        let topic = names.topic(of: .pattern(pattern))
        #expect(topic == .pattern("a\\?b:agent.*\\[1\\]\\^\\\\\\?"))
        #expect(names.pattern(of: topic.text) == pattern)
        #expect(names.topic(of: .stream("orders")) == .channel("a?b:orders"))
    }
}
