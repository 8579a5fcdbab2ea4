// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// What a provider needs to know to subscribe a consumer to a group.
public struct SubscriptionRequest: Sendable {
    /// The stream, or the pattern of streams that are consumed together.
    public var selection: StreamSelection
    /// The group. It is created if it does not exist.
    public var group: GroupName
    /// The consumer. Its name is unique among all processes.
    public var consumer: ConsumerName
    /// Where the group starts when it is created; defaults to the earliest entry.
    public var start: StartPosition
    /// How long a lease lasts unless it is extended; defaults to 30 s.
    public var visibility: Duration
    /// Where dead letters go; defaults to the stream's own ``StreamName/deadLetters``.
    public var deadLetter: DeadLetterPolicy

    /// Makes a request. Each part but the first three has the documented default.
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

extension SubscriptionRequest {
    /// Returns the messages to store before a message leaves its group: its dead letter, or the messages that are
    /// forwarded in its place.
    ///
    /// For every other decision there are none.
    ///
    /// - Parameters:
    ///   - receipt: The lease of the message.
    ///   - action: The decision about it; `nil` extends the lease.
    ///   - timestamp: The time of the backend.
    ///   - message: Reads the message. It is called for a dead letter only.
    public func outputs(
        of receipt: Receipt, _ action: Settlement.Action?, at timestamp: Timestamp, message: () throws -> Message
    ) rethrows -> [PublishBatch.Entry] {
        switch action {
        case .deadLetter(let note):
            let letter = try message().deadLetter(of: receipt, for: self, note, at: timestamp)
            return [PublishBatch.Entry(stream: deadLetter.destination(for: receipt.stream), message: letter)]
        case .forward(let entries): return entries
        case .ack, .retry, .renew, .release, nil: return []
        }
    }
}
