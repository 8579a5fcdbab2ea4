// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import StreamBroker
import Testing

/// Whole files, and what is printed about them.
@Suite struct FixtureTests {
    static let twelveMistakes = """
        version: 2
        default: evnts
        drain: 90 minutes
        brokers:
          events: { provider: memory, clustr: true }
          live:
            provider: live-onli
        defaults:
          concurency: 8
          retry: { initial: 10s, max: 1s }
        streams:
          orders:
            visibilty: 30s
            max-payload: 2GiB
            groups:
              "bill:ing": { ordering: kye }
              search: { prefetch: -1 }
          orders:due: {}
        """

    static let twelveProblems = """
        brokers.yaml:1:10: error: 'version' at the top takes 1; found '2'
            version: 2
                     ^
        brokers.yaml:2:10: error: 'default' names the broker 'evnts', which is not declared; did you mean 'events'?
            default: evnts
                     ^^^^^
        brokers.yaml:3:8: error: 'drain' at the top takes a duration from 0s to 1h, such as 30s; found '90 minutes'
            drain: 90 minutes
                   ^^^^^^^^^^
        brokers.yaml:5:31: error: unknown key 'clustr' in brokers.events
              events: { provider: memory, clustr: true }
                                          ^^^^^^
        brokers.yaml:7:15: error: unknown provider 'live-onli'; registered: memory, live-only; did you mean 'live-only'?
                provider: live-onli
                          ^^^^^^^^^
        brokers.yaml:9:3: error: unknown key 'concurency' in defaults; did you mean 'concurrency'?
              concurency: 8
              ^^^^^^^^^^
        brokers.yaml:10:31: error: retry.max (1s) is less than retry.initial (10s)
              retry: { initial: 10s, max: 1s }
                                          ^^
        brokers.yaml:13:5: error: unknown key 'visibilty' in streams.orders; did you mean 'visibility'?
                visibilty: 30s
                ^^^^^^^^^
        brokers.yaml:14:18: error: 'max-payload' in streams.orders takes a size from 1B to 512MiB, such as 64KiB; found '2GiB'
                max-payload: 2GiB
                             ^^^^
        brokers.yaml:16:7: error: the group name 'bill:ing' has ':'; groups are named without ':', '{', '}' and spaces, in ASCII
                  "bill:ing": { ordering: kye }
                  ^^^^^^^^^^
        brokers.yaml:16:31: error: 'ordering' in streams.orders.groups.bill:ing takes one of none, key, stream; found 'kye'; did you mean 'key'?
                  "bill:ing": { ordering: kye }
                                          ^^^
        brokers.yaml:17:27: error: 'prefetch' in streams.orders.groups.search takes a whole number from 0 to 100000; found '-1'
                  search: { prefetch: -1 }
                                      ^^
        """

    @Test func twelveMistakesAreTwelveProblemsInTheOrderOfTheFile() throws {
        let text = Self.twelveMistakes.split(separator: "\n").dropLast().joined(separator: "\n")
        let problems = try ConfigurationFixture.problems(text)
        #expect(problems.count == 12)
        #expect(problems.joined(separator: "\n") == Self.twelveProblems)
    }

    @Test func aProviderOfAnotherPackageReadsItsOptionsWithTheSameCare() throws {
        let problems = try ConfigurationFixture.problems(
            """
            version: 1
            brokers:
              live:
                provider: live-only
                bufer: { limit: 1 }
                buffer: { limit: 0, bytes: 1MB, overflow: drop-oldst, lmit: 5 }
                x-note: ignored
            """)
        #expect(
            problems.map { "\($0.split(separator: "\n")[0])" } == [
                "brokers.yaml:5:5: error: unknown key 'bufer' in brokers.live; did you mean 'buffer'?",
                "brokers.yaml:6:22: error: 'limit' in brokers.live.buffer takes a whole number from 1 to 1000000; found '0'",
                "brokers.yaml:6:32: error: 'bytes' in brokers.live.buffer takes a size from 1KiB to 1GiB, such as 64KiB;"
                    + " found '1MB'",
                "brokers.yaml:6:47: error: 'overflow' in brokers.live.buffer takes one of drop-oldest, disconnect;"
                    + " found 'drop-oldst'; did you mean 'drop-oldest'?",
                "brokers.yaml:6:59: error: unknown key 'lmit' in brokers.live.buffer; did you mean 'limit'?",
            ])
    }

    @Test func theDeadLettersOfAStreamAreDeclaredLikeOne() throws {
        let configuration = try ConfigurationFixture.load(
            """
            version: 1
            brokers: { events: { provider: memory } }
            defaults: { dead-letter: { stream: failures } }
            streams:
              orders: { dead-letter: { stream: "{orders}:failures:dead" } }
              "{orders}:failures:dead": { groups: { alarm: {} } }
              "{orders}:dead": { retention: { max-age: 7d } }
              "agent.*": {}
              "{agent.seven}:dead": { groups: { alarm: {} } }
              failures: { groups: { alarm: {} } }
              "*:dead": { groups: { count: {} } }
            """)
        #expect(configuration.streams.count == 7)
        #expect(configuration.streams[2].retention.maximumAge == .seconds(7 * 86_400))
    }

    @Test func theResolvedViewOfDeadLettersHasWhatAppliesToThem() throws {
        let report = try ConfigurationFixture.report(
            Array(
                """
                version: 1
                brokers: { events: { provider: memory } }
                streams: { orders: {}, "{orders}:dead": { groups: { alarm: {} } } }
                """.utf8))
        let keys = try #require(report.resolved).values.map { "\($0.path)" }
            .filter { $0.hasPrefix("streams.{orders}:dead.groups.alarm.") }
            .compactMap { $0.split(separator: "alarm.").last }
        #expect(
            keys == [
                "visibility", "timeout", "warn-after", "retry.backoff", "retry.initial", "retry.max", "retry.jitter",
                "on-undecodable", "concurrency", "prefetch", "ordering", "start",
            ])
    }

    @Test func wordsThatOtherReadersTakeForSomethingElseAreText() throws {
        let configuration = try ConfigurationFixture.load(
            """
            version: 1
            brokers: { on: { provider: live-only, url: 0123, password: 2026-01-01 } }
            streams: { no: { guarantee: at-most-once, groups: { yes: { visibility: 500ms }, off: } } }
            """)
        #expect(configuration.brokers.map(\.name) == ["on"])
        #expect(configuration.streams.first?.groups.map(\.name) == ["yes", "off"])
        #expect(configuration.brokers.first?.options["url"]?.scalar == "0123")
    }

    @Test func windowsLinesAndAMissingLastLineAreFine() throws {
        let text = "\u{FEFF}version: 1\r\nbrokers:\r\n  events:\r\n    provider: memory"
        #expect(try ConfigurationFixture.load(text).brokers.count == 1)
    }

    @Test func theResolvedViewSaysWhereEachValueCameFrom() throws {
        let report = try ConfigurationFixture.report(
            Array(
                """
                version: 1
                brokers: { events: { provider: memory } }
                defaults: { concurrency: "${N}", retry: { attempts: 3 } }
                streams: { orders: { timeout: 5s, groups: { billing: { prefetch: 9 } } } }
                environments: { dev: { streams: { orders: { timeout: 6s } } } }
                """.utf8), environment: "dev", variables: ["N": "7"])
        let path = try #require(report.resolved?.values.compactMap(\.position).first?.file)
        let lines = try #require(report.resolved).values.map { value in
            "\(value.path) = \(value.text) # \(value.source)".replacing(path, with: "f")
        }
        let billing = "streams.orders.groups.billing"
        #expect(lines.contains("drain = 30s # default"))
        #expect(lines.contains("streams.orders.broker = events # default"))
        #expect(lines.contains("\(billing).concurrency = 7 # f:3:26, variable N"))
        #expect(lines.contains("\(billing).retry.attempts = 3 # f:3:53"))
        #expect(lines.contains("\(billing).timeout = 6s # f:5:54, environment dev"))
        #expect(lines.contains("\(billing).prefetch = 9 # f:4:66"))
        #expect(lines.contains("\(billing).ordering = none # default"))
        #expect(lines.contains("\(billing).dead-letter.stream = {orders}:dead # default"))
    }
}
