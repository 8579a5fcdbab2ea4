// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerTestKit
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
        broker + "    password:canary\n",
        broker + "    password:canary\n    url: x\n",
        broker + "    buffer: { password: canary${X} }\n",
        broker + "    buffer: { password:canary }\n",
        broker + "    buffer: { password canary }\n",
        broker + "    password: x: canary\n",
        broker + "    password: \"a\n      canary\"b\n",
        broker + "    password: {canary}:canary\n",
        broker + "    password:\n      canary\n       canary: x\n",
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

    /// URLs whose authors forgot a piece or put it elsewhere, in every way in which a value can be written.
    @Test func noShapeOfAnAddressShowsItsSecret() async throws {
        var dice = SeededGenerator(seed: 11)
        var shown = 0
        for _ in 0..<1000 {
            // Tests beside this one need the thread too.
            await Task.yield()
            let url = Self.address(&dice)
            let form = ["@", "\"@\"", "'@'", "\"${UNSET:-@}\"", "\"@\" # where"].randomElement(using: &dice) ?? ""
            let value = form.replacing("@", with: url)
            let block = "\n    provider: redis-streams\n    url: \(value)\n"
            let flow = " { provider: redis-streams, url: \(value) }\n"
            // In a flow map without quotes a comma or a bracket ends the value, and what follows is a key.
            let isBlock = Bool.random(using: &dice) || form == "@" && url.contains { ",}]".contains($0) }
            let text = "version: 1\nbrokers:\n  live:" + (isBlock ? block : flow)
            let report = ConfigurationLoader.inspect(
                Array(text.utf8), file: "f", environment: nil, variables: [:], factories: BuiltInProviders.factories)
            let values = report.resolved?.values.map { "\($0.path) = \($0.text)" } ?? []
            let printed = (report.problems.map { "\($0)" } + values).joined(separator: "\n")
            #expect(!printed.contains("canary"), "\(text)\n\(printed)")
            shown += values.contains { $0.contains("redis://") } ? 1 : 0
        }
        #expect(shown > 30, "what is plainly no secret is shown")
    }

    /// A secret anywhere but where the host stands, which must be shown.
    private static func address(_ dice: inout SeededGenerator) -> String {
        let shapes = [
            "redis://me:#", "redis://:#", "redis://#@", "redis://me:#@h", "redis://h?password=#", "redis://h?auth=#",
            "redis://h/#", "redis://h~#", "redis://me:p#", "redis://me:p/#", "redis://me:#/0", "redis://me:12#",
            "redis://h:6379/0?#", "redis://h:6379/#", "redis://h 6379 #", "redis://h, #", "redis://h} #", "me:#", "#",
            "me:#@h", "redis:/me:#", "unix://me:#", "unix:///s?password=#", "unix:///s?db=1&p=#", "redis://me%3A#%40h",
            "redis:///#", "redis://[::1]:#", "redis://[::1]#", "http://u:#", "redis://h\\#", "redis://me:#:6379", "//#",
            "redis+sentinel://me:#,h/shop", "redis+sentinel://a,me:#@b/shop", "redis+sentinel://a,b/shop/#",
            "redis+sentinel://:#,b/shop", "redis+cluster://me:#,b", "redis+cluster://a,b/#", "redis+cluster://a,b:#",
            "redis+cluster://a;#", "redis+sentinel://a,b:7000/shop/0", "redis+cluster://a,[::1]:7000",
            "redis://h;#", "redis://h|#", "redis://h:6379", "redis://h", "redis://h:6379/2", "rediss://[::1]:1/0",
        ]
        let secrets = [
            "canary", "canary1", "can%61ry-canary", "$canary", "canary!", "1canary", "ca:canary", "x/canary",
        ]
        let shape = shapes.randomElement(using: &dice) ?? ""
        return shape.replacing("#", with: secrets.randomElement(using: &dice) ?? "")
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
