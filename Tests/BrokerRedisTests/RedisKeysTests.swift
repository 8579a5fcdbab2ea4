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

    @Test("The set of streams is one key on one server, and in sixteen slots on a cluster")
    func streamSet() {
        let single = RedisKeys(prefix: "app:")
        #expect(single.streamSets == ["app:~streams"])
        #expect(single.streamSet(of: "app:orders") == "app:~streams")
        let cluster = RedisKeys(prefix: "app:", isOnCluster: true)
        #expect(cluster.streamSetParts == (0..<16).map { "{app:~streams#\($0)}" })
        #expect(cluster.streamSets == cluster.streamSetParts + ["app:~streams"])
        #expect(Set(cluster.streamSetParts.map { RedisSlot(of: $0) }).count == 16)
    }

    @Test(
        "The part of the set to which a stream belongs never changes",
        arguments: [("orders", 14), ("{orders}:dead", 14), ("agent.1", 1), ("agent.2", 4), ("größe", 4), ("", 1)])
    func part(key: String, number: Int) {
        #expect(RedisKeys(isOnCluster: true).streamSet(of: key) == "{~streams#\(number)}")
    }

    @Test("Streams are spread over all parts, also those that differ in a number only")
    func spread() {
        let keys = RedisKeys(isOnCluster: true)
        for names in [(0..<1600).map { "agent.\($0)" }, (0..<1600).map { "{agent}.\($0 * 16)" }] {
            let counts = Dictionary(grouping: names, by: keys.streamSet(of:)).mapValues(\.count)
            #expect(counts.count == 16)
            #expect(counts.values.allSatisfy { (60...150).contains($0) }, "\(counts)")
        }
    }

    @Test("A key without the prefix is nobody's stream")
    func foreign() {
        #expect(RedisKeys(prefix: "app:").stream(at: "orders") == nil)
        #expect(RedisKeys(prefix: "app:").stream(at: "{orders}:dead") == nil)
    }
}
