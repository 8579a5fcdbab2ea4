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
    /// How often a check is run at most while the machine is too busy to keep time.
    private static let attempts = 5

    /// Runs `checks`, by default all, each on a backend of its own.
    ///
    /// A check in real time that fails while the machine was late by a quarter of the tolerance has shown nothing; it is
    /// run again, up to four times.
    ///
    /// - Parameter width: How many run at a time; one after another by default. Against a server most of the time is
    ///   waiting, so that dozens at once save minutes.
    public static func run(
        _ subject: ConformanceSubject, checks: [ConformanceCheck] = ConformanceCheck.all, atOnce width: Int = 1
    ) async -> ConformanceReport {
        let verdicts = await withTaskGroup(of: (Int, ConformanceReport.Verdict).self) { group in
            var verdicts: [Int: ConformanceReport.Verdict] = [:]
            for (number, check) in checks.enumerated() {
                if number >= width, let (done, verdict) = await group.next() { verdicts[done] = verdict }
                group.addTask { (number, await run(check, on: subject)) }
            }
            for await (done, verdict) in group { verdicts[done] = verdict }
            return verdicts
        }
        let lines = checks.enumerated().compactMap { number, check in
            verdicts[number].map { ConformanceReport.Line(check: check.name, verdict: $0) }
        }
        return ConformanceReport(subject: subject.name, lines: lines)
    }

    private static func run(
        _ check: ConformanceCheck, on subject: ConformanceSubject
    ) async -> ConformanceReport.Verdict {
        for _ in 1..<attempts {
            let (trial, delay) = await Metronome.listen { await attempt(check, on: subject) }
            guard case .failed = trial.verdict, trial.isInRealTime, delay > trial.tolerance / 4 else {
                return trial.verdict
            }
        }
        return await attempt(check, on: subject).verdict
    }

    /// What one run of a check found, and how exact time was meant to be.
    private struct Trial {
        var verdict: ConformanceReport.Verdict
        var isInRealTime = false
        var tolerance = Duration.zero
    }

    private static func attempt(_ check: ConformanceCheck, on subject: ConformanceSubject) async -> Trial {
        do {
            let backend = try await subject.makeBackend()
            let verdict = await run(check, on: backend)
            await backend.provider.close()
            await backend.peer?.close()
            await backend.dispose()
            return Trial(verdict: verdict, isInRealTime: backend.time.isReal, tolerance: backend.time.tolerance)
        } catch {
            return Trial(verdict: .failed(ConformanceFailure("no backend: \(error)")))
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
