// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

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
