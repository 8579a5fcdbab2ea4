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
            try await measure(try Options(Array(CommandLine.arguments.dropFirst())))
        } catch let mistake as Options.Mistake {
            Console.error("error: \(mistake.message)\n\(Options.usage)")
            Console.exit(code: 64)
        } catch let unusable as Payloads.Unusable {
            Console.error("error: \(unusable.file) \(unusable.reason)")
            Console.exit(code: 66)
        } catch let missing as Missing {
            Console.error("error: \(missing.message)")
            Console.exit(code: 69)
        }
    }

    private static func measure(_ options: Options) async throws {
        if options.wantsHelp { return Console.print(Options.usage) }
        let server = RedisServer()
        let suite = Suite.benchmarks(payloads: try Payloads(file: options.payloads), server: server)
        let chosen = suite.filter { benchmark in options.only.map(benchmark.name.contains) ?? true }
        if options.wantsList { return Console.print(chosen.map(\.name).joined(separator: "\n")) }
        defer { server.stop() }
        let report = Report(
            machine: Machine.current, engine: Fixture.description, messages: options.messages, again: options.command,
            results: try await Runner(options: options).run(chosen))
        if options.wantsJSON {
            Console.error(report.text)
            Console.print(try report.json)
        } else {
            Console.print(report.text)
        }
    }
}
