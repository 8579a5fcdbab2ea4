// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import StreamBroker

/// Measures memory and Redis through the whole engine and prints what came of it; nothing is asserted.
@main
struct Bench {
    static func main() async throws {
        do {
            try await run(try Options(Array(CommandLine.arguments.dropFirst())))
        } catch let mistake as Options.Mistake {
            Console.error("error: \(mistake.message)\n\(Options.usage)")
            Console.exit(code: 64)
        } catch let unusable as UnusableFile {
            Console.error("error: \(unusable.file) \(unusable.reason)")
            Console.exit(code: 66)
        } catch let refused as ConfigurationError {
            Console.error("\(refused)")
            Console.exit(code: 78)
        } catch let missing as Missing {
            Console.error("error: \(missing.message)")
            Console.exit(code: 69)
        }
    }

    private static func run(_ options: Options) async throws {
        if options.wantsHelp { return Console.print(Options.usage) }
        if let (port, subscriptions) = options.idle {
            return try await IdleConsumer.run(subscriptions, onPort: port)
        }
        let server = RedisServer()
        defer { server.stop() }
        let suite = Suite.benchmarks(
            payloads: try Payloads(file: options.payloads),
            webhooks: try options.payloads.map(Payloads.init(file:)) ?? .webhooks, server: server)
        let chosen = suite.filter { benchmark in options.only.map(benchmark.name.contains) ?? true }
        if options.wantsList { return Console.print(chosen.map(\.name).joined(separator: "\n")) }
        let page = try options.page.map(Page.init(folder:))
        let report =
            options.from.isEmpty
            ? try await measure(chosen, options, on: server) : try Report(files: options.from)
        try print(report, asJSON: options.wantsJSON)
        try page?.write(report)
    }

    private static func measure(
        _ benchmarks: [Benchmark], _ options: Options, on server: RedisServer
    ) async throws -> Report {
        // The load is that of others, so it is asked for first.
        let machine = Machine.current
        let results = try await Runner(options: options).run(benchmarks)
        return Report(
            machine: machine, redis: try server.version, engine: Fixture.description, messages: options.messages,
            runs: options.runs, again: options.command, results: results)
    }

    private static func print(_ report: Report, asJSON: Bool) throws {
        if asJSON {
            Console.error(report.text)
            Console.print(try report.json)
        } else {
            Console.print(report.text)
        }
    }
}
