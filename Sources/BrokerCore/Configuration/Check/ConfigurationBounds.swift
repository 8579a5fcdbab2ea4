// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// The bounds of every number of the configuration, for the reader, the checks of what was built in code, and the docs.
package enum ConfigurationBounds {
    package static let drain: ClosedRange<Duration> = .zero ... .seconds(3600)
    package static let visibility: ClosedRange<Duration> = .milliseconds(100) ... .seconds(86_400)
    package static let timeout: ClosedRange<Duration> = .milliseconds(1) ... .seconds(86_400)
    package static let attempts = 1...1000
    package static let delay: ClosedRange<Duration> = .zero ... .seconds(86_400)
    package static let jitter = 0.0...1.0
    package static let concurrency = 1...10_000
    package static let prefetch = 0...100_000
    package static let maximumPayload = 1...(512 << 20)
    package static let maximumLength = 1...1_000_000_000_000
    package static let maximumAge: ClosedRange<Duration> = .seconds(1) ... .seconds(3650 * 86_400)
    package static let nameBytes = 1...128
}
