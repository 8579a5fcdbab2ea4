// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Everything a provider needs to know to subscribe a consumer to a group.
public struct SubscriptionRequest: Sendable {
    /// The stream, or the pattern whose streams are consumed together.
    public var selection: StreamSelection
    /// The group, created when it does not exist.
    public var group: GroupName
    /// The consumer; unique among all processes.
    public var consumer: ConsumerName
    /// Where the group begins when it is created.
    public var start: StartPosition
    /// How long a lease lasts unless it is extended.
    public var visibility: Duration
    /// Where dead letters go.
    public var deadLetter: DeadLetterPolicy

    /// Makes a request; each part but the first three has a documented default.
    public init(
        _ selection: StreamSelection, group: GroupName, consumer: ConsumerName, start: StartPosition = .earliest,
        visibility: Duration = .seconds(30), deadLetter: DeadLetterPolicy = DeadLetterPolicy()
    ) {
        self.selection = selection
        self.group = group
        self.consumer = consumer
        self.start = start
        self.visibility = visibility
        self.deadLetter = deadLetter
    }
}
