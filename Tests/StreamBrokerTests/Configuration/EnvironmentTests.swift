// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import StreamBroker
import Testing

@Suite struct EnvironmentTests {
    static let file = """
        version: 1
        default: events
        drain: 10s
        brokers:
          events: { provider: live-only, url: "${URL:?set URL}", buffer: { limit: 5 } }
        defaults: { retry: { attempts: 3, initial: 2s } }
        streams:
          orders: { guarantee: at-most-once, groups: { billing: { concurrency: 4 }, search: {} } }
          audit: { guarantee: at-most-once }
        environments:
          development:
            brokers: { events: { provider: memory } }
            defaults: { retry: { attempts: 9 } }
            streams: { audit: null, orders: { groups: { search: null } } }
          production:
            brokers: { events: { url: "${URL:-live://standard}" } }
        """

    @Test func withoutOneTheBaseFileHolds() throws {
        let problems = try ConfigurationFixture.problems(Self.file)
        #expect(
            problems == [
                """
                brokers.yaml:5:39: error: the variable URL is not set: set URL
                      events: { provider: live-only, url: "${URL:?set URL}", buffer: { limit: 5 } }
                                                          ^^^^^^^^^^^^^^^^^
                """
            ])
    }

    @Test func mapsMergeDeeplyAndNullDeletes() throws {
        let configuration = try ConfigurationFixture.load(Self.file, environment: "development")
        #expect(configuration.environment == "development")
        #expect(configuration.defaults.retry.attempts == 9)
        #expect(configuration.defaults.retry.initial == .seconds(2))
        #expect(configuration.streams.map(\.selection.text) == ["orders"])
        #expect(configuration.streams.first?.groups.map(\.name) == ["billing"])
        #expect(configuration.streams.first?.groups.first?.options.concurrency == 4)
    }

    @Test func anotherProviderDropsTheOptionsOfTheOneItReplaces() throws {
        let configuration = try ConfigurationFixture.load(Self.file, environment: "development")
        #expect(configuration.brokers.first?.provider == "memory")
        #expect(configuration.brokers.first?.options.entries?.isEmpty == true)
        let same = try ConfigurationFixture.load(Self.file, environment: "production")
        #expect(same.brokers.first?.options["buffer"]?["limit"]?.scalar == "5")
        #expect(same.brokers.first?.options["url"]?.scalar == "live://standard")
    }

    @Test func theVariableChoosesUnlessTheCallerDoes() throws {
        let variables = ["STREAMBROKER_ENV": "development"]
        #expect(try ConfigurationFixture.load(Self.file, variables: variables).environment == "development")
        let asked = try ConfigurationFixture.load(Self.file, environment: "production", variables: variables)
        #expect(asked.environment == "production")
        let empty = try ConfigurationFixture.load(Self.file, variables: ["STREAMBROKER_ENV": "", "URL": "u"])
        #expect(empty.environment == nil)
    }

    @Test func anUnknownNameIsAnErrorWithASuggestion() throws {
        let problems = try ConfigurationFixture.problems(Self.file, variables: ["STREAMBROKER_ENV": "prodction"])
        #expect(
            problems.map { $0.split(separator: "\n")[0] } == [
                "brokers.yaml:10:1: error: unknown environment 'prodction', chosen by STREAMBROKER_ENV;"
                    + " did you mean 'production'?"
            ])
        #expect(
            try ConfigurationFixture.problems(BadConfigurationTests.base, environment: "x") == [
                """
                brokers.yaml:1:1: error: unknown environment 'x', asked for; the file declares none
                    version: 1
                    ^
                """
            ])
    }

    @Test func everyEnvironmentIsCheckedWithUnsetVariablesAsNotes() throws {
        let file = try ConfigurationFixture(Array(Self.file.utf8))
        let reports = try ConfigurationLoader.inspectAll(
            path: file.path, variables: [:], factories: FakeFactory.all)
        #expect(reports.map(\.environment) == [nil, "development", "production"])
        #expect(reports.flatMap(\.errors).isEmpty)
        #expect(reports.map(\.problems.count) == [1, 0, 0])
        #expect(reports.first?.problems.first?.severity == .note)
    }

    @Test func aVariableCannotAddKeysAndIsExpandedOnce() throws {
        let yaml = "version: 1\nbrokers: { a: { provider: live-only, url: \"x${V}-$${V}\" } }"
        let value = "}, password: x, y: \"\n${V}: *a"
        let configuration = try ConfigurationFixture.load(yaml, variables: ["V": value])
        #expect(configuration.brokers.first?.options["url"]?.scalar == "x\(value)-${V}")
    }

    @Test(arguments: [
        ("${MISSING}", "the variable MISSING is not set"),
        ("${A${B}}", "'${…}' takes the name of one variable, as in '${REDIS_URL}'"),
        ("${}", "'${…}' takes the name of one variable, as in '${REDIS_URL}'"),
        ("${unterminated", "'${' without '}'; write '$$' for a dollar sign"),
        ("${A-b}", "the name of a variable is followed by ':-default', ':?message' or '}'"),
        ("${EMPTY:?must not be empty}", "the variable EMPTY is not set: must not be empty"),
    ])
    func aReferenceThatCannotBeExpandedIsOneError(_ text: String, _ message: String) throws {
        let yaml = "version: 1\nbrokers: { a: { provider: live-only, url: '\(text)' } }"
        let report = try ConfigurationFixture.report(Array(yaml.utf8), variables: ["A": "a", "EMPTY": ""])
        #expect(report.problems.map(\.message) == [message])
    }

    @Test(arguments: [("${A:-x}", "a"), ("${EMPTY:-x}", "x"), ("${EMPTY}", ""), ("${NO:-}", ""), ("a$b $1", "a$b $1")])
    func aReferenceIsReplaced(_ text: String, _ value: String) throws {
        let yaml = "version: 1\nbrokers: { a: { provider: live-only, url: '\(text)' } }"
        let configuration = try ConfigurationFixture.load(yaml, variables: ["A": "a", "EMPTY": ""])
        #expect(configuration.brokers.first?.options["url"]?.scalar == value)
    }

    @Test func aVariableInAKeyThatIsIgnoredNeedNotBeSet() throws {
        let yaml =
            BadConfigurationTests.base
            + "x-common: { url: \"${NOT_SET}\", odd: \"${\" }\n"
            + "streams: { orders: { x-note: [\"${NOT_SET:?why}\"], groups: { billing: { x-note: \"${NOT_SET}\" } } } }"
        #expect(try ConfigurationFixture.problems(yaml) == [])
    }

    @Test func whatAnAliasReadsOfAnIgnoredKeyIsReported() throws {
        let yaml = BadConfigurationTests.base + "x-common: &time \"${NOT_SET}\"\ndrain: *time"
        #expect(
            try ConfigurationFixture.problems(yaml) == [
                """
                brokers.yaml:3:11: error: the variable NOT_SET is not set
                    x-common: &time "${NOT_SET}"
                              ^^^^^^^^^^^^^^^^^^
                """
            ])
    }

    @Test func aNameMayBeginAsAnIgnoredKeyDoes() throws {
        let yaml = BadConfigurationTests.base + "streams: { x-orders: { max-payload: \"${NOT_SET}\" } }"
        let report = try ConfigurationFixture.report(Array(yaml.utf8))
        #expect(report.problems.map(\.message) == ["the variable NOT_SET is not set"])
    }

    @Test func aNumberMayComeFromAVariableInQuotes() throws {
        let yaml = BadConfigurationTests.base + "defaults: { concurrency: \"${N:-8}\" }"
        #expect(try ConfigurationFixture.load(yaml).defaults.concurrency == 8)
        #expect(try ConfigurationFixture.load(yaml, variables: ["N": "9"]).defaults.concurrency == 9)
    }
}
