// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// The causes of failures besides what was thrown. What a handler has written is in the text and never in the summary.
extension FailureCause {
    /// The handler threw ``Reject`` or asked for a dead letter.
    static func rejected(_ reason: String) -> FailureCause {
        FailureCause(.rejected, summary: "the handler rejected it", text: reason)
    }

    /// The body could not be decoded.
    static func undecodable(_ error: Undecodable) -> FailureCause {
        FailureCause(.undecodable, errorType: error.errorType, summary: error.summary, text: error.reason)
    }

    /// The handler called `nack`.
    static func nack(_ reason: String) -> FailureCause {
        FailureCause(.asked, summary: "the handler called nack", text: reason)
    }

    /// The handler asked for a retry.
    static let retry = FailureCause(.asked, summary: "the handler asked for a retry")

    /// The message was released too often.
    static func released(_ times: Int) -> FailureCause {
        FailureCause(.released, summary: "released \(times) times")
    }

    /// The handler took too long.
    static let timeout = FailureCause(.timeout, summary: "the handler took longer than its timeout")

    /// Its consumers ended before they had settled it.
    static let crashed = FailureCause(.crashed, summary: "its holders ended before they had settled it")
}
