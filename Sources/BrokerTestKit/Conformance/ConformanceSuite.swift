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

/// The checks of one subject, in the order in which one would ask about it.
package struct ConformanceChapter: Sendable {
    /// What they are about.
    package let title: String
    /// The promises, one each.
    package let checks: [ConformanceCheck]

    /// The whole kit: what is written, read, leased and settled; then what operators do; then the engine over it.
    package static let all = [
        ConformanceChapter(title: "Publishing", checks: PublishingChecks.all),
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
        ConformanceChapter(title: "Giving again", checks: ReplayChecks.all),
        ConformanceChapter(title: "Deleting streams", checks: DeletingChecks.all),
        ConformanceChapter(title: "Counting, emptying, health", checks: InspectionChecks.all),
        ConformanceChapter(title: "Retention", checks: RetentionChecks.all),
        ConformanceChapter(title: "Disturbed connections", checks: DisturbanceChecks.all),
        ConformanceChapter(title: "Handlers", checks: HandlingChecks.all),
        ConformanceChapter(title: "What a consumer holds", checks: HoldingChecks.all),
    ]
}

/// Tells how late a machine is: what is due in ten milliseconds comes later when there is too much to do.
enum Metronome {
    private static let beat = Duration.milliseconds(10)

    /// Runs `body`; answers by how much the latest beat meanwhile was late.
    static func listen<Result: Sendable>(during body: () async -> Result) async -> (Result, delay: Duration) {
        await withTaskGroup(of: Duration.self) { group in
            group.addTask { await largestDelay() }
            let result = await body()
            group.cancelAll()
            return (result, await group.next() ?? .zero)
        }
    }

    /// Beats until the task is cancelled.
    private static func largestDelay() async -> Duration {
        let clock = ContinuousClock()
        var largest = Duration.zero
        while !Task.isCancelled {
            let due = clock.now + beat
            try? await clock.sleep(until: due)
            largest = max(largest, clock.now - due)
        }
        return largest
    }
}
