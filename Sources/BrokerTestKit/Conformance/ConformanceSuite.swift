// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// Runs conformance checks. Authors of providers run it against their own.
///
///     let report = await ConformanceSuite.run(subject)
///     print(report)
///     try report.verify(skips: ["a pattern consumes streams that exist and streams that appear"])
public enum ConformanceSuite {
    /// How often a check is repeated at most if the machine is too busy to keep time.
    private static let repetitions = 4

    /// Runs checks, each on a backend of its own, and returns the report.
    ///
    /// If a check in real time fails while the machine was late by more than a quarter of the tolerance, the failure
    /// does not count. The check is repeated up to four times, after all others, with nothing beside it. The report
    /// names these runs.
    ///
    /// - Parameters:
    ///   - subject: Makes the backends.
    ///   - checks: The checks; by default all.
    ///   - width: How many checks run at the same time; defaults to 1. Against a server, checks mostly wait, so that
    ///     dozens at once save minutes.
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

    /// The result of one run of a check.
    private struct Trial {
        var verdict: ConformanceReport.Verdict
        var saysNothing = false
        /// The failures of earlier runs, which do not count.
        var reruns: [ConformanceFailure] = []
    }

    private static func attempt(_ check: ConformanceCheck, on subject: ConformanceSubject) async -> Trial {
        let backend: ConformanceBackend
        do {
            backend = try await subject.makeBackend()
        } catch {
            return Trial(verdict: .failed(ConformanceFailure("no backend: \(error)")))
        }
        let (verdict, delay) = await Lateness.measure { await run(check, on: backend) }
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

/// The checks of one subject, in a natural order.
package struct ConformanceChapter: Sendable {
    /// What they are about.
    package let title: String
    /// The checks, one for each promise.
    package let checks: [ConformanceCheck]

    /// The whole kit: publishing, receiving, leases and settling; then what operators do; then the engine on top of it.
    package static let all = [
        ConformanceChapter(title: "Publishing", checks: PublishingChecks.all),
        ConformanceChapter(title: "Publishing once", checks: DeduplicationChecks.all),
        ConformanceChapter(title: "Bodies, keys and headers", checks: PayloadChecks.all),
        ConformanceChapter(title: "Receiving", checks: ReceivingChecks.all),
        ConformanceChapter(title: "Groups", checks: GroupChecks.all),
        ConformanceChapter(title: "Consumers that come and go", checks: RestartChecks.all),
        ConformanceChapter(title: "Retries, releases, renewals", checks: RetryChecks.all),
        ConformanceChapter(title: "Leases", checks: LeaseChecks.all),
        ConformanceChapter(title: "Who has lost a lease", checks: FencingChecks.all),
        ConformanceChapter(title: "Suspects", checks: SuspectChecks.all),
        ConformanceChapter(title: "Shares of new, expired and due messages", checks: QuotaChecks.all),
        ConformanceChapter(title: "Dead letters", checks: DeadLetterChecks.all + ReturnChecks.all),
        ConformanceChapter(title: "Forwarding", checks: ForwardChecks.all),
        ConformanceChapter(title: "Where a group begins", checks: StartChecks.all),
        ConformanceChapter(title: "Patterns", checks: PatternChecks.all),
        ConformanceChapter(title: "Reading the past", checks: HistoryChecks.all),
        ConformanceChapter(title: "Replay", checks: ReplayChecks.all + MovingChecks.all),
        ConformanceChapter(title: "Deleting streams", checks: DeletingChecks.all),
        ConformanceChapter(title: "Counting, emptying, health", checks: InspectionChecks.all),
        ConformanceChapter(title: "Retention", checks: RetentionChecks.all),
        ConformanceChapter(title: "Disturbed connections", checks: DisturbanceChecks.all),
        ConformanceChapter(title: "Handlers", checks: HandlingChecks.all),
        ConformanceChapter(title: "What a consumer holds", checks: HoldingChecks.all),
    ]
}

/// Measures how late the machine is: how much longer than ten milliseconds a sleep of ten milliseconds takes.
enum Lateness {
    private static let interval = Duration.milliseconds(10)

    /// Runs `body`. Returns its result and the largest delay meanwhile.
    static func measure<Result: Sendable>(during body: () async -> Result) async -> (Result, delay: Duration) {
        await withTaskGroup(of: Duration.self) { group in
            group.addTask { await largestDelay() }
            let result = await body()
            group.cancelAll()
            return (result, await group.next() ?? .zero)
        }
    }

    /// Sleeps again and again until the task is cancelled.
    private static func largestDelay() async -> Duration {
        let clock = ContinuousClock()
        var largest = Duration.zero
        while !Task.isCancelled {
            let due = clock.now + interval
            try? await clock.sleep(until: due)
            largest = max(largest, clock.now - due)
        }
        return largest
    }
}
