// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// The bounds of every number in a configuration, for the reader, the checks and the documentation.
package enum ConfigurationBounds {
    package static let drain: ClosedRange<Duration> = .zero ... .seconds(3600)
    package static let visibility: ClosedRange<Duration> = .milliseconds(100) ... .seconds(86_400)
    package static let timeout: ClosedRange<Duration> = .milliseconds(1) ... .seconds(86_400)
    package static let warnAfter: ClosedRange<Duration> = .milliseconds(100) ... .seconds(7 * 86_400)
    package static let attempts = 1...1000
    package static let delay: ClosedRange<Duration> = .zero ... .seconds(86_400)
    package static let jitter = 0.0...1.0
    package static let concurrency = 1...10_000
    package static let prefetch = 0...100_000
    package static let maximumPayload = 1...(512 << 20)
    package static let maximumLength = 1...1_000_000_000_000
    package static let maximumAge: ClosedRange<Duration> = .seconds(1) ... .seconds(3650 * 86_400)
    package static let window: ClosedRange<Duration> = .seconds(1) ... .seconds(7 * 86_400)
    package static let maximumIDs = 1...1_000_000
    package static let replicas = 0...100
    package static let confirmation: ClosedRange<Duration> = .milliseconds(1) ... .seconds(60)
    package static let nameBytes = 1...128
}

extension ConfigurationCheck {
    /// Checks every number against its bounds. This is for configurations that were built in code: the reader of files
    /// checks bounds itself.
    mutating func checkBounds() {
        check(configuration.drain, .duration(ConfigurationBounds.drain), ["drain"])
        check(configuration.defaults, at: ["defaults"])
        for stream in configuration.streams {
            let path: ConfigurationPath = ["streams", stream.selection.text]
            check(stream.maximumPayload, .size(ConfigurationBounds.maximumPayload), path.appending("max-payload"))
            checkPublishing(to: stream, at: path)
            let retention = path.appending("retention")
            check(
                stream.retention.maximumLength, .integer(ConfigurationBounds.maximumLength),
                retention.appending("max-length"))
            check(
                stream.retention.maximumAge, .duration(ConfigurationBounds.maximumAge), retention.appending("max-age"))
            check(stream.options, at: path)
            for group in stream.groups {
                check(group.options, at: path.appending(["groups", group.name.text]))
            }
        }
    }

    private mutating func checkPublishing(to stream: StreamConfiguration, at path: ConfigurationPath) {
        let deduplication = path.appending("deduplication")
        check(stream.deduplication?.window, .duration(ConfigurationBounds.window), deduplication.appending("window"))
        check(
            stream.deduplication?.maximumIDs, .integer(ConfigurationBounds.maximumIDs),
            deduplication.appending("max-ids"))
        let durability = path.appending("durability")
        check(stream.durability?.replicas, .integer(ConfigurationBounds.replicas), durability.appending("replicas"))
        check(stream.durability?.timeout, .duration(ConfigurationBounds.confirmation), durability.appending("timeout"))
    }

    private mutating func check(_ options: ConsumerOptions, at path: ConfigurationPath) {
        check(options.visibility, .duration(ConfigurationBounds.visibility), path.appending("visibility"))
        check(options.timeout, .duration(ConfigurationBounds.timeout), path.appending("timeout"))
        check(options.warnAfter, .duration(ConfigurationBounds.warnAfter), path.appending("warn-after"))
        check(options.retry.attempts, .integer(ConfigurationBounds.attempts), path.appending(["retry", "attempts"]))
        check(options.retry.initial, .duration(ConfigurationBounds.delay), path.appending(["retry", "initial"]))
        check(options.retry.maximum, .duration(ConfigurationBounds.delay), path.appending(["retry", "max"]))
        check(options.concurrency, .integer(ConfigurationBounds.concurrency), path.appending("concurrency"))
        check(options.prefetch, .integer(ConfigurationBounds.prefetch), path.appending("prefetch"))
        if let jitter = options.retry.jitter, !ConfigurationBounds.jitter.contains(jitter) {
            refuse(path.appending(["retry", "jitter"]), .fraction(ConfigurationBounds.jitter), found: "\(jitter)")
        }
    }

    private mutating func check(_ value: Duration?, _ kind: ConfigurationKind, _ path: ConfigurationPath) {
        guard let value, case .duration(let range) = kind, !range.contains(value) else { return }
        refuse(path, kind, found: ScalarGrammar.text(of: value))
    }

    private mutating func check(_ value: Int?, _ kind: ConfigurationKind, _ path: ConfigurationPath) {
        switch kind {
        case .integer(let range), .size(let range):
            if let value, !range.contains(value) { refuse(path, kind, found: "\(value)") }
        default: break
        }
    }

    private mutating func refuse(_ path: ConfigurationPath, _ kind: ConfigurationKind, found: String) {
        report("'\(path)' takes \(kind.expectation); found \(found)", at: path)
    }
}
