// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// The names of what the framework writes beside the headers of a message; publishers cannot set a header called so.
public enum ReservedHeaders {
    /// The body, where a backend stores it beside the headers.
    public static let payload = "data"

    /// What every other reserved name begins with; no header of a publisher does.
    public static let prefix = "sb-"

    /// The ordering key of a message, where a backend stores it beside the headers.
    public static let key = "sb-key"

    /// Of a request: the stream in which its answer is awaited.
    public static let replyTo = "sb-reply-to"
    /// What all messages of one conversation share: a request, its answer, and what their handlers publish on.
    public static let correlationID = "sb-correlation-id"
    /// Which message led to this one: its stream and id, as `orders/1700000000000-0`.
    public static let causationID = "sb-causation-id"

    /// Of a dead letter or a replayed copy: the stream in which it was published.
    public static let originStream = "sb-origin-stream"
    /// Of a dead letter or a replayed copy: the id that it had there.
    public static let originID = "sb-origin-id"
    /// Of a dead letter: the group that could not handle it.
    public static let group = "sb-group"
    /// Of a dead letter: the consumer that gave it up.
    public static let consumer = "sb-consumer"
    /// Of a dead letter: how many attempts were counted.
    public static let attempts = "sb-attempts"
    /// Of a dead letter: why, in one of the words of ``DeadLetterNote/Reason``.
    public static let reason = "sb-reason"
    /// Of a dead letter: what the handler said.
    public static let error = "sb-error"
    /// Of a dead letter: when it was stored, in milliseconds since 1970.
    public static let failedAt = "sb-failed-at"
}
