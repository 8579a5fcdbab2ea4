// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerMemory
import BrokerRedis
import BrokerTestKit
import Foundation
import Logging
import RedisWire
import Testing

/// The table of all conformance checks in the documentation is that of the kit.
@Suite struct ConformanceTableTests {
    @Test func everyCheckStandsInTheDocumentationWithThoseWhoAreHeldToIt() async throws {
        let root = "\(#filePath)".split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        let page = try String(contentsOfFile: root.joined(separator: "/") + "/docs/conformance.md", encoding: .utf8)
        let tables = try await Self.tables()
        #expect(page.contains(tables), "docs/conformance.md needs:\n\(tables)")
        #expect(page.contains("\(ConformanceCheck.all.count) checks"))
    }

    private static func tables() async throws -> String {
        let clock = VirtualTime().clock
        let logger = Logger(label: "table") { _ in SwiftLogNoOpLogHandler() }
        let connection = RedisOptions(url: try RedisURL("redis://127.0.0.1:1"))
        let providers: [any BrokerProvider] = [
            MemoryProvider(clock: clock),
            try RedisStreamsProvider(RedisStreamsOptions(connection: connection), clock: clock, logger: logger),
            try RedisPubSubProvider(RedisPubSubOptions(connection: connection), clock: clock, logger: logger),
        ]
        let tables = ConformanceChapter.all.map { chapter in
            let head = ["## \(chapter.title)", "", "| promise | memory | streams | pubsub |", "|---|---|---|---|"]
            return (head + chapter.checks.map { line($0, providers) }).joined(separator: "\n")
        }
        for provider in providers { await provider.close() }
        return tables.joined(separator: "\n\n") + "\n"
    }

    private static func line(_ check: ConformanceCheck, _ providers: [any BrokerProvider]) -> String {
        let marks = providers.map { check.reasonToSkip($0) == nil ? " yes |" : " |" }
        return "| \(check.name) |\(marks.joined())"
    }
}
