// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
public import Logging

/// Logs the beginning and the end of every delivery, and nothing of its content.
public struct LoggingMiddleware: BrokerMiddleware {
    private let level: Logger.Level
    private let clock: any BrokerClock

    /// Makes a middleware that logs at a level.
    ///
    /// - Parameters:
    ///   - level: The level; debug by default. Failures are logged at least as a notice.
    ///   - clock: Measures how long handling takes.
    public init(level: Logger.Level = .debug, clock: any BrokerClock = EngineThread.shared) {
        self.level = level
        self.clock = clock
    }

    /// Logs around one delivery.
    public func handle(_ delivery: Delivery, next: DeliveryHandler) async throws {
        let logger = delivery.logger
        let began = clock.now
        logger.log(level: level, "Handling a message")
        do {
            try await next(delivery)
            logger.log(level: level, "Handled a message", metadata: took(since: began))
        } catch {
            logFailure(error, since: began, to: logger)
            throw error
        }
    }

    /// Logs around a batch.
    public func handle(batch: [Delivery], next: BatchHandler) async throws {
        guard let logger = batch.first?.logger else { return }
        let began = clock.now
        logger.log(level: level, "Handling a batch", metadata: ["messages": "\(batch.count)"])
        do {
            try await next(batch)
            logger.log(level: level, "Handled a batch", metadata: took(since: began))
        } catch {
            logFailure(error, since: began, to: logger)
            throw error
        }
    }

    /// Logs the type of an error and nothing else, since its description may be secret.
    private func logFailure(_ error: any Error, since began: Instant, to logger: Logger) {
        var metadata = took(since: began)
        metadata[LoggingKeys.error] = "\(type(of: error))"
        logger.log(level: max(level, .notice), "A handler failed", metadata: metadata)
    }

    private func took(since began: Instant) -> Logger.Metadata {
        [LoggingKeys.duration: "\((clock.now - began).forReaders)"]
    }
}

extension Duration {
    /// The duration as people read it in a log: `0.03ms`, `12.50ms`, `2.04s`; rounded to two decimals.
    package var forReaders: String {
        let nanoseconds = components.seconds.magnitude < 1 << 32 ? self / .nanoseconds(1) : .infinity
        guard nanoseconds.isFinite else { return "\(components.seconds)s" }
        let isLong = nanoseconds.magnitude >= 999_995_000
        return Self.decimal(nanoseconds / (isLong ? 1e9 : 1e6)) + (isLong ? "s" : "ms")
    }

    /// A number with two decimals: the standard library formats none.
    private static func decimal(_ number: Double) -> String {
        let hundredths = Int64((number.magnitude * 100).rounded())
        let fraction = hundredths % 100
        return "\(number < 0 ? "-" : "")\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)"
    }
}
