// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import StreamBroker
import Testing

/// Whatever is wrong with a file, what may be a secret is not printed.
@Suite struct SecretTests {
    private static let broker = "version: 1\nbrokers:\n  live:\n    provider: live-only\n"

    static let files = [
        broker + "    password: canary\n    pasword: 1\n    visiblity: 2\n",
        broker + "    password: [canary]\n",
        broker + "    password: { canary: 1, }\n",
        broker + "    password: !canary\n",
        broker + "    password: *canary\n",
        broker + "    password: 'canary\n",
        broker + "    password:\n      canary: x\n",
        broker + "    password: |\n      canary\n     canary\n",
        broker + "    password: ${canary!}\n",
        broker + "    password: canary\tx: y: z\n",
        broker + "    password: canary\n   bad: indentation\n",
        broker + "    url: live://user:canary@host\n    urll: x\n",
        broker + "    url: [live://user:canary@host]\n",
        broker + "    buffer: { limit: live://user:canary@host }\n",
        broker + "    buffer: { limit: \"${SECRET}\" }\n",
        broker + "    buffer: { overflow: \"${SECRET}\" }\n",
        broker + "    buffer: \"${SECRET}\"\n",
        broker + "default: ${SECRET}\n",
        "version: \"${SECRET}\"\nbrokers: \"${SECRET}\"\n",
        "version: 1\nbrokers: { a: { provider: \"${SECRET}\" } }\n",
        BadConfigurationTests.base + "defaults: { dead-letter: { stream: \"${SECRET}/x\" } }\nstreams: { a: {} }\n",
        BadConfigurationTests.base + "streams: { a: { broker: \"${SECRET}\", also: \"${SECRET}\" } }\n",
    ]

    @Test(arguments: files)
    func noProblemShowsASecret(_ text: String) throws {
        let report = try ConfigurationFixture.report(Array(text.utf8), variables: ["SECRET": "canary"])
        #expect(!report.problems.isEmpty)
        let error = ConfigurationError(report.problems)
        for printed in ["\(error)", String(reflecting: error)] { #expect(!printed.contains("canary"), "\(printed)") }
    }

    @Test func theResolvedViewShowsWhoSaidASecretAndNotWhatItIs() throws {
        let text = Self.broker + "    password: canary\n    url: ${SECRET}\n    buffer: { limit: \"${N}\" }\n"
        let report = try ConfigurationFixture.report(Array(text.utf8), variables: ["SECRET": "canary", "N": "7"])
        let lines = try #require(report.resolved).values.map { "\($0.path) = \($0.text)" }
        #expect(lines.contains("brokers.live.password = ***"))
        #expect(lines.contains("brokers.live.url = ***"))
        #expect(lines.contains("brokers.live.buffer.limit = 7"))
        #expect(!lines.joined().contains("canary"))
    }

    @Test func aSecretCanBeUsedAndNotPrinted() {
        let secret = Secret("canary")
        var dumped = ""
        dump([secret], to: &dumped)
        #expect("\(secret) \(String(reflecting: secret)) \([secret]) \(dumped)".contains("canary") == false)
        #expect(secret.value == "canary")
    }
}
