// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Testing

@Suite struct ConfigurationReaderTests {
    private func map(_ entries: (String, ConfigurationNode)...) -> ConfigurationNode {
        ConfigurationNode(.map(entries.map { ConfigurationNode.Entry(key: $0, node: $1) }))
    }

    @Test func valuesDefaultsAndSectionsAreRead() {
        var reader = ConfigurationReader(
            map(("limit", "7"), ("url", "x"), ("tls", map(("verify", "false"))), ("hosts", .init(.list(["a", "b"])))),
            path: "brokers.events")
        #expect(reader.integer("limit", in: 1...10, default: 3) == 7)
        #expect(reader.integer("other", in: 1...10, default: 3) == 3)
        #expect(reader.string("url") == "x")
        #expect(reader.section("tls") { $0.flag("verify", default: true) } == false)
        #expect(
            reader.section("none") { $0.duration("wait", in: .zero ... .seconds(9), default: .seconds(2)) }
                == .seconds(2))
        #expect(reader.list("hosts") == ["a", "b"])
        reader.finish()
        #expect(reader.problems.isEmpty)
    }

    @Test func whatNobodyAskedForIsUnknown() {
        var reader = ConfigurationReader(map(("limt", "7"), ("x-note", "y")), path: "brokers.events")
        _ = reader.integer("limit", in: 1...10)
        reader.require("url")
        reader.finish()
        #expect(
            reader.problems.map(\.message) == [
                "'url' is missing in brokers.events",
                "unknown key 'limt' in brokers.events; did you mean 'limit'?",
            ])
    }

    @Test func anAuthorReportsHisOwnProblemsAtTheKey() {
        let place = SourcePosition(file: "f", line: 3, column: 4)
        var reader = ConfigurationReader(map(("url", .init(.scalar("x", isQuoted: true), position: place))), path: "a")
        _ = reader.string("url")
        reader.report("'url' has no host", key: "url")
        #expect(reader.problems == [ConfigurationProblem("'url' has no host", at: place)])
    }

    @Test func nullIsAsIfItWereNotWritten() {
        var reader = ConfigurationReader(map(("limit", ConfigurationNode(.null))), path: "a")
        #expect(reader.integer("limit", in: 1...10, default: 3) == 3)
        #expect(!reader.contains("limit"))
        reader.finish()
        #expect(reader.problems.isEmpty)
    }

    @Test(arguments: [
        ("visibilty", "visibility"), ("max_length", "max-length"), ("Timeout", "timeout"), ("rtery", "retry"),
        ("groups", nil), ("x", nil),
    ])
    func theNearestKeyIsSuggested(_ text: String, _ expected: String?) {
        let known = ["visibility", "max-length", "timeout", "retry"]
        #expect(Suggestion.nearest(to: text, among: known) == expected)
    }
}

@Suite struct CodeConfigurationTests {
    private func problems(_ configuration: BrokersConfiguration) -> [String] {
        do {
            try configuration.validate(factories: [])
            return []
        } catch {
            return error.problems.map { "\($0)" }
        }
    }

    @Test func whatIsBuiltInCodeIsCheckedByTheRulesOfTheFile() {
        var configuration = BrokersConfiguration(
            brokers: [BrokerConfiguration("events", provider: "memroy")], defaultBroker: "evnts", drain: .seconds(4000),
            streams: [
                StreamConfiguration(
                    "orders", maximumPayload: 0,
                    options: ConsumerOptions(retry: RetryOptions(initial: .seconds(5), maximum: .seconds(1))),
                    groups: [GroupConfiguration("a:b"), GroupConfiguration("c"), GroupConfiguration("c")]),
                StreamConfiguration("orders"),
            ])
        configuration.defaults.concurrency = 0
        configuration.defaults.retry.jitter = .nan
        #expect(
            problems(configuration) == [
                "error: unknown provider 'memroy'; none is registered",
                "error: streams.orders is declared twice",
                "error: the group name 'a:b' has ':'; groups are named without ':', '{', '}' and spaces, in ASCII",
                "error: streams.orders.groups.c is declared twice",
                "error: 'default' names the broker 'evnts', which is not declared; did you mean 'events'?",
                "error: 'drain' takes a duration from 0s to 1h, such as 30s; found 4000s",
                "error: 'defaults.concurrency' takes a whole number from 1 to 10000; found 0",
                "error: 'defaults.retry.jitter' takes a number from 0 to 1; found nan",
                "error: 'streams.orders.max-payload' takes a size from 1B to 512MiB, such as 64KiB; found 0",
                "error: retry.max (1s) is less than retry.initial (5s)",
            ])
    }

    @Test func noBrokersAreAnError() {
        #expect(problems(BrokersConfiguration(brokers: [])) == ["error: no brokers are declared"])
    }
}
