// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import StreamBroker

/// Measures memory through the whole engine and prints what came of it; nothing is asserted.
@main
struct Bench {
    static func main() async throws {
        let options: Options
        do {
            options = try Options(Array(CommandLine.arguments.dropFirst()))
        } catch {
            Console.error("error: \(error.message)\n\(Options.usage)")
            return Console.exit(code: 64)
        }
        if options.wantsHelp { return Console.print(Options.usage) }
        let suite = try Suite.benchmarks(payloads: Payloads(file: options.payloads))
        let chosen = suite.filter { benchmark in options.only.map(benchmark.name.contains) ?? true }
        if options.wantsList { return Console.print(chosen.map(\.name).joined(separator: "\n")) }
        let report = Report(
            machine: Machine.current, engine: Fixture.description, messages: options.messages,
            results: try await Runner(options: options).run(chosen))
        Console.print(options.wantsJSON ? try report.json : report.text)
    }
}
