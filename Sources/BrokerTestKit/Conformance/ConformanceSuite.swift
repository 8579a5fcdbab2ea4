// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// Runs conformance checks: what every provider author runs against the own provider.
///
///     let report = await ConformanceSuite.run(subject)
///     print(report)
///     try report.verify(skips: ["a pattern consumes streams that exist and streams that appear"])
public enum ConformanceSuite {
    /// Runs `checks`, by default all, one after another, each on a backend of its own.
    public static func run(
        _ subject: ConformanceSubject, checks: [ConformanceCheck] = ConformanceCheck.all
    ) async -> ConformanceReport {
        var report = ConformanceReport(subject: subject.name)
        for check in checks {
            report.lines.append(ConformanceReport.Line(check: check.name, verdict: await run(check, on: subject)))
        }
        return report
    }

    private static func run(
        _ check: ConformanceCheck, on subject: ConformanceSubject
    ) async -> ConformanceReport.Verdict {
        do {
            let backend = try await subject.makeBackend()
            let verdict = await run(check, on: backend)
            await backend.provider.close()
            await backend.peer?.close()
            await backend.dispose()
            return verdict
        } catch {
            return .failed(ConformanceFailure("no backend: \(error)"))
        }
    }

    private static func run(
        _ check: ConformanceCheck, on backend: ConformanceBackend
    ) async -> ConformanceReport.Verdict {
        if let reason = check.reasonToSkip(backend.provider) { return .skipped(reason) }
        do {
            try await backend.time.run { try await check.body(ConformanceBench(backend)) }
            return .passed
        } catch let failure as ConformanceFailure {
            return .failed(failure)
        } catch {
            return .failed(ConformanceFailure("an unexpected error: \(error)"))
        }
    }
}
