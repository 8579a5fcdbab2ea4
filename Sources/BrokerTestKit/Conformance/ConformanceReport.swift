// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// The results of a conformance run.
public struct ConformanceReport: Sendable {
    /// The result of one check. Closed by design.
    public enum Verdict: Sendable {
        /// The provider keeps the promise.
        case passed
        /// The provider breaks the promise.
        case failed(ConformanceFailure)
        /// The provider does not make the promise. The text names what is missing.
        case skipped(String)
    }

    /// One line of the report.
    public struct Line: Sendable {
        /// The name of the check.
        public var check: String
        /// The result of the last run.
        public var verdict: Verdict
        /// The failures of earlier runs, which do not count because the machine was too busy to keep time.
        public var reruns: [ConformanceFailure] = []
    }

    /// The name of the subject.
    public var subject: String
    /// One line for each check, in the order of the run.
    public var lines: [Line] = []

    /// Makes a report. By default it is empty.
    public init(subject: String, lines: [Line] = []) {
        self.subject = subject
        self.lines = lines
    }

    /// The checks that passed.
    public var passed: [String] {
        lines.compactMap { if case .passed = $0.verdict { $0.check } else { nil } }
    }

    /// The checks that failed, each with its failure.
    public var failed: [(check: String, failure: ConformanceFailure)] {
        lines.compactMap { if case .failed(let failure) = $0.verdict { ($0.check, failure) } else { nil } }
    }

    /// The checks that were skipped, each with the reason.
    public var skipped: [(check: String, reason: String)] {
        lines.compactMap { if case .skipped(let reason) = $0.verdict { ($0.check, reason) } else { nil } }
    }

    /// The checks that were run again, each with the failures of its earlier runs.
    ///
    /// A machine is late now and then. A check that is listed again and again has a fault of its own.
    public var repeated: [(check: String, failures: [ConformanceFailure])] {
        lines.filter { !$0.reruns.isEmpty }.map { ($0.check, $0.reruns) }
    }

    /// Throws the report unless exactly the checks in `skips` were skipped and all others passed.
    ///
    /// - Parameter skips: The names of the checks that must be skipped.
    /// - Throws: A ``ConformanceFailure`` with the whole report.
    public func verify(skips: Set<String>) throws {
        let unexpected = skipped.map(\.check).filter { !skips.contains($0) }
        let unneeded = skips.subtracting(skipped.map(\.check))
        if failed.isEmpty, unexpected.isEmpty, unneeded.isEmpty { return }
        var text = "\(subject) does not conform\n\(self)"
        for check in unexpected { text += "\nskipped, but not listed: \(check)" }
        for check in unneeded.sorted() { text += "\nlisted as skipped, but was not: \(check)" }
        throw ConformanceFailure(text)
    }
}

extension ConformanceReport: CustomStringConvertible {
    /// A line of totals, one line for each check with its result, and one for each run that does not count.
    public var description: String {
        let rows = lines.map { line in
            switch line.verdict {
            case .passed: "  kept     \(line.check)"
            case .failed(let failure): "  BROKEN   \(line.check)\n           \(failure)"
            case .skipped(let reason): "  skipped  \(line.check): \(reason)"
            }
        }
        let again = repeated.flatMap { line in line.failures.map { "  again    \(line.check): \($0)" } }
        let count = again.isEmpty ? "" : ", \(again.count) run again"
        let totals = "\(passed.count) kept, \(failed.count) broken, \(skipped.count) skipped\(count)"
        return (["\(subject): \(totals)"] + rows + again).joined(separator: "\n")
    }
}
