// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// What made an attempt fail.
public struct FailureCause: Sendable, Hashable {
    /// What made an attempt fail, in one word.
    @nonexhaustive
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// The handler threw.
        case threw
        /// The handler rejected the message.
        case rejected
        /// The body could not be decoded.
        case undecodable
        /// The handler took longer than its `timeout`.
        case timeout
        /// The handler called `nack`, or asked for a retry.
        case asked
        /// The message was released too often.
        case released
        /// The consumers of the message ended before they had settled it.
        case crashed
    }

    /// What made the attempt fail, in one word.
    public var kind: Kind
    /// The type of the error; `nil` if there was none.
    public var errorType: String?
    /// The failure in a few words, without anything that a handler has written: it may go into every log.
    public var summary: String
    /// The whole text of the error, as it is stored with a dead letter, cut at 2 KiB. It holds what the handler wrote.
    public var text: String

    /// Makes a cause; the engine does, and tests of observers.
    public init(_ kind: Kind, errorType: String? = nil, summary: String, text: String? = nil) {
        self.kind = kind
        self.errorType = errorType
        self.summary = summary
        self.text = DeadLetterNote.cut(text ?? summary)
    }

    /// The handler threw. Errors of the framework hold no secrets; of others the summary is the type.
    static func threw(_ error: any Error, text: String) -> FailureCause {
        let type = "\(type(of: error))"
        let summary = (error as? BrokerError).map { "\($0)" } ?? type
        return FailureCause(.threw, errorType: type, summary: summary, text: text)
    }

    /// What a log says of it.
    func words(_ detail: ErrorDetail) -> String {
        guard detail == .full, text != summary else { return summary }
        switch kind {
        case .undecodable: return text.visible
        case .threw where text.hasPrefix(summary): return text.visible
        default: return "\(summary): \(text.visible)"
        }
    }
}
