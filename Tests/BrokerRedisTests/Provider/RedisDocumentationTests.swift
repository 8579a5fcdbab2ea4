// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import BrokerTestKit
import Foundation
import Logging
import RedisTestSupport
import RedisWire
import Testing

/// What the documentation says of Redis is so.
@Suite(.inRealTime) struct RedisDocumentationTests {
    private static func text(of name: String) throws -> String {
        let root = "\(#filePath)".split(separator: "/", omittingEmptySubsequences: false).dropLast(4)
        return try String(contentsOfFile: root.joined(separator: "/") + "/\(name)", encoding: .utf8)
    }

    @Test func theTableOfOptionsStandsInTheDocumentation() throws {
        let table = ConfigurationKeys.markdown(of: RedisBrokerKeys.all)
        #expect(try Self.text(of: "docs/configuration.md").contains(table), "docs/configuration.md needs:\n\(table)")
    }

    @Test func theTableOfPubSubStandsInTheDocumentation() throws {
        let table = ConfigurationKeys.markdown(of: RedisPubSubKeys.own)
        #expect(try Self.text(of: "docs/configuration.md").contains(table), "docs/configuration.md needs:\n\(table)")
    }

    /// The rules of the user that docs/providers.md describes.
    private static func rights(of user: String = "app") throws -> [String] {
        let page = try text(of: "docs/providers.md")
        let start = try #require(page.firstRange(of: "ACL SETUSER \(user) on "))
        let words = page[start.upperBound...].split(separator: "\n\n")[0].split(whereSeparator: \.isWhitespace)
        return words.map(String.init).filter { $0 != ">password" }
    }

    /// The whole conformance kit by the documented user: it is refused nothing, and the prefix holds everywhere.
    @Test func theDocumentedRightsAreEnoughForEverything() async throws {
        try await ProviderFixture.with(prefix: "app:") { fixture in
            let rules = try Self.rights().joined(separator: " ")
            try await fixture.command("ACL", "SETUSER app on nopass \(rules)")
            let subject = ConformanceTests.subject("redis-streams with few rights") { _ in
                try fixture.another { options in
                    options.connection.url.username = "app"
                    options.connection.url.password = RedisPassword("any")
                }
            }
            try await ConformanceSuite.run(subject, atOnce: 24).verify(skips: [])
            let log = try await fixture.redis.submit(RedisCommands("ACL", "LOG")).reply()
            #expect(log.elements.map { $0.elements[7]?.string ?? "" } == [])
            #expect(fixture.log.lines(.warning) == [])
            let strangers = try await fixture.command("KEYS", "*").elements.compactMap(\.string).filter {
                !$0.hasPrefix("app:") && !$0.hasPrefix("{app:")
            }
            #expect(strangers == [])
        }
    }

    @Test(arguments: [RedisChannels.Kind.classic, .sharded])
    func theDocumentedRightsAreEnoughForPubSub(channels: RedisChannels.Kind) async throws {
        try await PubSubFixture.with {
            $0.prefix = "app:"
            $0.channels = channels
        } _: { fixture in
            let rules = try Self.rights(of: "live")
            var command = RedisCommands()
            command.begin(5 + rules.count, "ACL")
            for word in ["SETUSER", "live", "on", "nopass"] + rules { command.add(word) }
            let connection = try await fixture.server.link().connection()
            _ = try await connection.submit(command).reply()
            let subject = PubSubConformanceTests.subject("redis-pubsub with few rights", hasPeer: true) { _ in
                try fixture.another { options in
                    options.connection.url.username = "live"
                    options.connection.url.password = RedisPassword("any")
                }
            }
            let checks = ConformanceCheck.all.filter { $0.needs.isSubset(of: [.ordered]) && $0.abilities.isEmpty }
            try await ConformanceSuite.run(subject, checks: checks, atOnce: 24).verify(skips: [])
            let log = try await fixture.server.command("ACL", "LOG")
            #expect(log.elements.map { $0.elements[7]?.string ?? "" } == [])
        }
    }
}
