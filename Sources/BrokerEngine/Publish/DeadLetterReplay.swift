// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore

/// Which dead letters of a group are meant. What is not given does not matter.
public struct DeadLetterFilter: Sendable, Hashable {
    /// The ids that they have among the dead letters; `nil` for all.
    public var ids: Set<MessageID>?
    /// Why they were given up; `nil` for every reason.
    public var reasons: Set<DeadLetterNote.Reason>?
    /// A part of the text of their error (`sb-error`), in the same case; `nil` for every error.
    public var error: String?

    /// Makes a filter; by default everything matches.
    public init(ids: Set<MessageID>? = nil, reasons: Set<DeadLetterNote.Reason>? = nil, error: String? = nil) {
        self.ids = ids
        self.reasons = reasons
        self.error = error
    }

    /// Returns whether a dead letter matches.
    func matches(_ letter: StoredMessage) -> Bool {
        let headers = letter.message.headers
        if let ids, !ids.contains(letter.id) { return false }
        if let reasons {
            let reason = headers[ReservedHeaders.reason].flatMap { DeadLetterNote.Reason(rawValue: $0) }
            guard let reason, reasons.contains(reason) else { return false }
        }
        return error.map { text in headers[ReservedHeaders.error]?.contains(text) ?? false } ?? true
    }

    /// Returns the ids between which dead letters can match; `nil` if none can.
    func range(upTo newest: MessageID) -> ClosedRange<MessageID>? {
        let first = ids.map { $0.min() ?? .maximum } ?? .zero
        let last = min(newest, ids?.max() ?? newest)
        return first <= last ? first...last : nil
    }
}

/// What was done about the dead letters of a group.
public struct DeadLetterReplay: Sendable {
    /// How many were put back. One whose reply was lost is not counted here, and was put back all the same.
    public var replayed = 0
    /// How many others were seen: those of other groups and streams, and those that did not match. They stay.
    public var skipped = 0
    /// Why the call ended early; `nil` when it did not, or when its task was cancelled. The same call again goes on.
    public var failure: BrokerError?
    /// The ids that were not looked at, because of a failure, a cancellation or the limit; `nil` when everything was.
    public var rest: ClosedRange<MessageID>?

    /// Makes a report, as a replay does; tests need it, too.
    public init(
        replayed: Int = 0, skipped: Int = 0, failure: BrokerError? = nil, rest: ClosedRange<MessageID>? = nil
    ) {
        self.replayed = replayed
        self.skipped = skipped
        self.failure = failure
        self.rest = rest
    }

    /// Counts one result. Another caller may have moved the entry first.
    mutating func count(_ result: Result<MessageID?, BrokerError>) {
        switch result {
        case .success(let id): replayed += id == nil ? 0 : 1
        case .failure(let error): failure = failure ?? error
        }
    }

    /// Records that everything up to an id was looked at; a failure leaves it for the next call.
    mutating func pass(_ id: MessageID?, isEnd: Bool) {
        guard failure == nil, let last = rest?.upperBound else { return }
        guard !isEnd, let next = id?.next, next <= last else {
            rest = nil
            return
        }
        rest = next...last
    }
}
