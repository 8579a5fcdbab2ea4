// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerMemory
import BrokerRedis
import BrokerTestKit
import BrokerYAML
import Logging
import RedisWire
import StreamBroker
import Testing

/// A broker on Pub/Sub in the file: what is read, what is refused, and what its streams may ask for.
@Suite struct PubSubOptionsTests {
    @Test func aURLIsEnough() throws {
        let options = try #require(try provider("url: redis://127.0.0.1:6379")).options
        #expect(options.buffer == BufferBounds())
        #expect(options.buffer.limit == 10_000)
        #expect(options.buffer.bytes == 64 << 20)
        #expect(options.buffer.overflow == .dropOldest)
        #expect(options.prefix == "")
        #expect(options.channels == .classic)
    }

    @Test func everyKeyArrivesWhereItBelongs() throws {
        let text = """
            url: redis://127.0.0.1:7000/3
            username: app
            password: hunter2
            wait-for-login: true
            client-name: shop
            prefix: "app:"
            channels: sharded
            connect-timeout: 10s
            command-timeout: 2s
            buffer: { limit: 500, bytes: 4MiB, overflow: disconnect }
            """
        let options = try #require(try provider(text)).options
        #expect(options.connection.url.username == "app")
        #expect(options.connection.clientName == "shop:live")
        #expect(options.connection.connectTimeout == .seconds(10))
        #expect(options.connection.commandTimeout == .seconds(2))
        #expect(options.waitsForLogin)
        #expect(options.prefix == "app:")
        #expect(options.channels == .sharded)
        #expect(options.buffer.limit == 500)
        #expect(options.buffer.bytes == 4 << 20)
        #expect(options.buffer.overflow == .disconnect)
    }

    @Test func mistakesHaveTheirPlaceAndASuggestion() {
        let options = """
            url: redis://127.0.0.1:6379
            max-connections: 10
            channels: shards
            buffer: { limit: 0, bytes: 10, overflow: drop-oldst, size: 3 }
            """
        #expect(
            problems(options) == [
                "6:5: error: unknown key 'max-connections' in brokers.live",
                "7:15: error: 'channels' in brokers.live takes one of classic, sharded; found 'shards'; did you mean "
                    + "'sharded'?",
                "8:22: error: 'limit' in brokers.live.buffer takes a whole number from 1 to 10000000; found '0'",
                "8:32: error: 'bytes' in brokers.live.buffer takes a size from 1KiB to 64GiB, such as 64KiB; found '10',"
                    + " a number without a unit",
                "8:46: error: 'overflow' in brokers.live.buffer takes one of drop-oldest, drop-newest, disconnect; "
                    + "found 'drop-oldst'; did you mean 'drop-oldest'?",
                "8:58: error: unknown key 'size' in brokers.live.buffer",
            ])
    }

    @Test func aStreamThatAsksForMoreIsRefused() {
        let streams = """
            {
              a: {},
              b: { guarantee: at-most-once, groups: { g: { start: earliest } } },
              c: { guarantee: at-most-once, retention: { max-length: 10 } },
              d: { guarantee: at-most-once, groups: { g: { start: latest } } },
              "e.*": { guarantee: at-most-once, groups: { g: {} } },
            }
            """
        let provider = "but the provider 'redis-pubsub' of broker 'live'"
        #expect(
            problems("url: redis://127.0.0.1:6379", streams: streams) == [
                "7:3: error: streams.a needs at-least-once, \(provider) does not promise redelivery after a crash; "
                    + "write 'guarantee: at-most-once' if it may lose messages",
                "8:55: error: streams.b.groups.g starts at earliest, \(provider) has no past",
                "9:33: error: streams.c sets retention, \(provider) does not promise retention",
            ])
    }

    @Test func aPatternOnShardedChannelsIsRefused() {
        let streams = """
            {
              a: { guarantee: at-most-once },
              "agent.*": { guarantee: at-most-once },
            }
            """
        #expect(
            problems("url: redis://127.0.0.1:6379\nchannels: sharded", streams: streams) == [
                "9:3: error: stream 'agent.*' is a pattern, but 'channels: sharded' listens to single channels only; "
                    + "name each stream, or leave 'channels: sharded' out"
            ])
    }

    @Test func aStreamThatSaysWhereItsBodyIsIsRefused() {
        let streams = """
            {
              a: { guarantee: at-most-once, body: fields },
            }
            """
        #expect(
            problems("url: redis://127.0.0.1:6379", streams: streams) == [
                "7:3: error: stream 'a' sets 'body', but on redis-pubsub a message has no fields: all of it is the body; "
                    + "leave 'body' out"
            ])
    }

    private func provider(_ options: String) throws -> RedisPubSubProvider? {
        let (result, _) = assemble(options, "{}")
        let context = ProviderContext(
            broker: "live", streams: [], clock: TimeControl.real().clock, logger: Logger(label: "options"))
        return try result.configuration.brokers.first?.makeProvider(from: BuiltInProviders.factories, context)
            as? RedisPubSubProvider
    }

    /// Every problem of a file, each in the words that a user reads first.
    private func problems(_ options: String, streams: String = "{}") -> [String] {
        let (result, document) = assemble(options, streams)
        return document.source.annotate(document.problems + result.problems).map { problem in
            String("\(problem)".prefix { $0 != "\n" }.dropFirst("brokers.yaml:".count))
        }
    }

    private func assemble(_ options: String, _ streams: String) -> (ConfigurationAssembly.Result, YAMLDocument) {
        let text = """
            version: 1
            brokers:
              live:
                provider: redis-pubsub
            \(options.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n"))
            streams: \(streams)
            """
        let document = YAMLReader.read(Array(text.utf8), file: "brokers.yaml")
        var assembly = ConfigurationAssembly(document.root ?? "", factories: BuiltInProviders.factories, variables: [:])
        return (assembly.assemble(nil), document)
    }
}
