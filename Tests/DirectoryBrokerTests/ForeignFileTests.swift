// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerTestKit
import DirectoryBroker
import Foundation
import Testing

@Suite struct ForeignFileTests {
    /// A file that is no ticket is left alone; one that is a ticket but holds anything at all is a message.
    @Test func whatSomebodyElsePutsIntoAGroupStopsNobody() async throws {
        let path = temporaryPath()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let time = VirtualTime()
        let provider = try provider(over: path, clock: time.clock)
        let bodies = try await time.run {
            let subscription = try await provider.subscribe(
                SubscriptionRequest(.stream("letters"), group: "a/b", consumer: "one"))
            let group = "\(path)/letters.stream/a:b.group"
            for name in ["7-0.new.0.0.0", "8-0.new", "notes.txt"] {
                try "by hand".write(toFile: "\(group)/\(name)", atomically: true, encoding: .utf8)
            }
            let batch = PublishBatch([.init(stream: "letters", message: Message("published"))])
            _ = try await provider.publish(batch)[0].get()
            let received = try await subscription.receive(ReceiveRequest(limit: 10, wait: .zero))
            return received.messages.map(\.message.payload.string)
        }
        #expect(bodies == ["by hand", "published"])
    }
}
