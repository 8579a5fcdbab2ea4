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
    /// How often a check is run again at most while the machine is too busy to keep time.
    private static let repetitions = 4

    /// Runs `checks`, by default all, each on a backend of its own.
    ///
    /// A check in real time that fails while the machine was late by a quarter of the tolerance has shown nothing; it
    /// is run again up to four times, when all others are done and nothing else runs. The report names these runs.
    ///
    /// - Parameter width: How many run at a time; one after another by default. Against a server most of the time is
    ///   waiting, so that dozens at once save minutes.
    public static func run(
        _ subject: ConformanceSubject, checks: [ConformanceCheck] = ConformanceCheck.all, atOnce width: Int = 1
    ) async -> ConformanceReport {
        var trials = await withTaskGroup(of: (Int, Trial).self) { group in
            var trials: [Int: Trial] = [:]
            for (number, check) in checks.enumerated() {
                if number >= width, let (done, trial) = await group.next() { trials[done] = trial }
                group.addTask { (number, await attempt(check, on: subject)) }
            }
            for await (done, trial) in group { trials[done] = trial }
            return trials
        }
        for (number, check) in checks.enumerated() {
            for _ in 0..<repetitions {
                guard let trial = trials[number], trial.saysNothing, case .failed(let failure) = trial.verdict else {
                    break
                }
                trials[number] = await attempt(check, on: subject)
                trials[number]?.reruns = trial.reruns + [failure]
            }
        }
        let lines = checks.enumerated().compactMap { number, check in
            trials[number].map {
                ConformanceReport.Line(check: check.name, verdict: $0.verdict, reruns: $0.reruns)
            }
        }
        return ConformanceReport(subject: subject.name, lines: lines)
    }

    /// What one run of a check found, and how late the machine was.
    private struct Trial {
        var verdict: ConformanceReport.Verdict
        var saysNothing = false
        /// What the runs before this one found, which said nothing.
        var reruns: [ConformanceFailure] = []
    }

    private static func attempt(_ check: ConformanceCheck, on subject: ConformanceSubject) async -> Trial {
        let backend: ConformanceBackend
        do {
            backend = try await subject.makeBackend()
        } catch {
            return Trial(verdict: .failed(ConformanceFailure("no backend: \(error)")))
        }
        let (verdict, delay) = await Metronome.listen { await run(check, on: backend) }
        await backend.provider.close()
        await backend.peer?.close()
        await backend.dispose()
        guard case .failed(var failure) = verdict, backend.time.isReal else { return Trial(verdict: verdict) }
        failure.message += "; the machine was late by \(delay)"
        return Trial(verdict: .failed(failure), saysNothing: delay > backend.time.tolerance / 4)
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
