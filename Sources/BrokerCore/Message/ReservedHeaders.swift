// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// The names of the headers and fields that the framework writes. Publishers cannot set headers with these names.
public enum ReservedHeaders {
    /// The body, for backends that store it among the headers.
    public static let payload = "data"

    /// The prefix of every other reserved name. No header of a publisher may have it.
    public static let prefix = "sb-"

    /// The ordering key, for backends that store it among the headers.
    public static let key = "sb-key"

    /// In a request: the stream in which the requester waits for the reply.
    public static let replyTo = "sb-reply-to"
    /// The id that all messages of one conversation share: a request, its reply, and what their handlers publish.
    public static let correlationID = "sb-correlation-id"
    /// The message that led to this one, as its stream and id: `orders/1700000000000-0`.
    public static let causationID = "sb-causation-id"

    /// In a dead letter or a replayed copy: the stream in which the message was published.
    public static let originStream = "sb-origin-stream"
    /// In a dead letter or a replayed copy: the id that the message had there.
    public static let originID = "sb-origin-id"
    /// In a dead letter: the group that could not handle the message.
    public static let group = "sb-group"
    /// In a dead letter: the consumer that stored it.
    public static let consumer = "sb-consumer"
    /// In a dead letter: how many attempts were counted.
    public static let attempts = "sb-attempts"
    /// In a dead letter: the reason, a raw value of ``DeadLetterNote/Reason``.
    public static let reason = "sb-reason"
    /// In a dead letter: the error text of the handler.
    public static let error = "sb-error"
    /// In a dead letter: when it was stored, in milliseconds since 1970-01-01 00:00 UTC.
    public static let failedAt = "sb-failed-at"

    /// In a dead letter that was put back: how often that has been done with the message, from 1.
    public static let replays = "sb-replays"
    /// In a dead letter that was put back, as its last header: the only group that handles it. The other groups of the
    /// stream acknowledge it at once. Anywhere else than at the end the header means nothing.
    public static let onlyGroup = "sb-only-group"

    /// What a dead letter says about its last handling.
    package static let givingUp: Set<String> = [group, consumer, attempts, reason, error, failedAt]
}
