// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Logging

/// The metadata keys of every log line, in one place.
enum LoggingKeys {
    static let broker = "broker.name"
    static let provider = "broker.provider"
    static let stream = "broker.stream"
    static let group = "broker.group"
    static let consumer = "broker.consumer"
    static let message = "broker.message"
    static let attempt = "broker.attempt"
    static let call = "broker.call"
    static let error = "error"
    static let duration = "duration"
}
