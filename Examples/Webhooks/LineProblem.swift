// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Why a line is not published. None of these says what the line holds.
enum LineProblem: Error, CustomStringConvertible {
    case tooLong(limit: Int)
    case notJSON
    case notAWebhook
    case unusableEvent
    case refused(String)

    var description: String {
        switch self {
        case .tooLong(let limit): "the line is longer than \(limit) bytes"
        case .notJSON: "the line is not JSON"
        case .notAWebhook: "the line is no object with 'event', a text, and 'payload', an object"
        case .unusableEvent: "'event' has to have 1 to 64 of a-z, 0-9 and _"
        case .refused(let reason): "the webhook was not published: \(reason)"
        }
    }
}
