// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// The metadata keys that the log lines of the engine and of providers share.
package enum LoggingKeys {
    package static let broker = "broker.name"
    package static let provider = "broker.provider"
    package static let stream = "broker.stream"
    package static let group = "broker.group"
    package static let consumer = "broker.consumer"
    package static let message = "broker.message"
    package static let attempt = "broker.attempt"
    package static let attempts = "broker.attempts"
    package static let reason = "broker.reason"
    package static let deadLetterStream = "broker.dead-letter.stream"
    package static let deadLetter = "broker.dead-letter.message"
    package static let next = "broker.next-attempt-in"
    package static let unsaid = "unsaid"
    package static let call = "broker.call"
    package static let key = "broker.key"
    package static let error = "error"
    package static let duration = "duration"
}
