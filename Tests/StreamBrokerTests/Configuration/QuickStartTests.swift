// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import StreamBroker
import Testing

/// The files that a person begins with: they are durable, unless an environment is chosen that says otherwise.
@Suite struct QuickStartTests {
    static let files = [
        "README.md", "docs/configuration.md", "brokers.yaml", "Examples/ContactCenter/brokers.yaml",
        "Examples/LiveFeed/brokers.yaml", "Examples/Orders/brokers.yaml", "Examples/SealedLetters/brokers.yaml",
        "Examples/Webhooks/brokers.yaml",
    ]
    /// An order to make prices is for the process that gave it.
    private static let inMemoryByDesign: [BrokerName] = ["desk"]

    @Test func theFileOfTheFrontPageIsTheExamples() throws {
        let file = try Repository.text("Examples/QuickStart/brokers.yaml")
        #expect(try Repository.text("README.md").contains("```yaml\n\(file)```\n"))
    }

    @Test(arguments: files) func whoeverForgetsTheVariableIsNotOnMemory(_ file: String) throws {
        let configuration = try configuration(of: file, environment: nil)
        for broker in configuration.brokers where !Self.inMemoryByDesign.contains(broker.name) {
            #expect(broker.provider.hasPrefix("redis-"), "\(broker.name)")
        }
    }

    @Test(arguments: files) func developmentNeedsNoServer(_ file: String) throws {
        let configuration = try configuration(of: file, environment: "development")
        #expect(configuration.brokers.allSatisfy { $0.provider == "memory" })
    }

    @Test(arguments: files.filter { $0 != "docs/configuration.md" })
    func productionHasToBeToldItsServer(_ file: String) throws {
        let report = report(on: try text(of: file), environment: "production")
        #expect(
            report.problems.first?.message == "the variable REDIS_URL is not set: set REDIS_URL in production")
        let variables = ["REDIS_URL": "redis://redis.shop"]
        #expect(throws: Never.self) {
            try self.report(on: text(of: file), environment: "production", variables: variables).usable
        }
    }

    @Test(arguments: files) func noGroupBeginsBehindWhatIsPublished(_ file: String) throws {
        let configuration = try configuration(of: file, environment: nil)
        #expect(configuration.streams.flatMap(\.groups).allSatisfy { $0.options.start != .latest })
    }

    @Test(.timeLimit(.minutes(1))) func bothGroupsGetWhatTheFirstProgramPublishes() async throws {
        var configuration = try configuration(of: "README.md", environment: "development")
        // On a busy machine a test may stand still for longer than the drain of the page.
        configuration.drain = .seconds(300)
        let registry = try BrokerRegistry(configuration)
        let (heard, ear) = AsyncStream.makeStream(of: String.self)
        try await withBrokerRegistry(registry) { registry in
            for group in ["billing", "search"] {
                registry.handle("orders", group: GroupName(group)) { _ in ear.yield(group) }
            }
            try await registry.publish(Message("order 1"), to: "orders")
        } body: { _ in
            var groups: Set<String> = []
            for await group in heard where groups.insert(group).inserted && groups.count == 2 { return }
        }
    }

    @Test func theMistakeThatTheReadmeShowsIsPrintedLikeThat() throws {
        let text = try text(of: "README.md").replacing("concurrency: 16", with: "concurency: 16")
        let problem = try #require(report(on: text, environment: "development").problems.first)
        let shown = problem.description.split(separator: "\n").map { "    \($0)\n" }.joined()
        #expect(try Repository.text("README.md").contains(shown), "the README needs:\n\(shown)")
    }

    private func configuration(of file: String, environment: String?) throws -> BrokersConfiguration {
        try report(on: text(of: file), environment: environment).usable
    }

    private func report(
        on text: String, environment: String?, variables: [String: String] = [:]
    ) -> ConfigurationReport {
        ConfigurationLoader.inspect(
            Array(text.utf8), file: "brokers.yaml", environment: environment, variables: variables,
            factories: BuiltInProviders.factories)
    }

    /// The text of a file, or the first configuration that a page shows.
    private func text(of file: String) throws -> String {
        let text = try Repository.text(file)
        switch file {
        case "README.md": return try #require(text.between("```yaml\n", "```\n"))
        case "docs/configuration.md":
            return "    version: 1\n" + (try #require(text.between("    version: 1\n", "\n\n")))
        default: return text
        }
    }
}
