// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Logging
import RedisWire
import Synchronization

/// Logs when a broker is connected, and while its server is away what to check.
///
/// All connections of a broker share one log, since there is one server.
final class ConnectionLog: LinkWatch {
    private let broker: BrokerName
    private let provider: String
    private let url: RedisURL
    private let clock: any BrokerClock
    private let logger: Logger
    private let pace: Mutex<ConnectionPace>
    private let lifetime: ProviderLifetime

    /// Makes a log. Where logins are not waited for, a login that is refused at the start ends the lifetime.
    init(
        _ context: ProviderContext, provider: String, url: RedisURL, waitsForLogin: Bool, _ lifetime: ProviderLifetime
    ) {
        pace = Mutex(ConnectionPace(waitsForLogin: waitsForLogin))
        self.lifetime = lifetime
        broker = context.broker
        self.provider = provider
        self.url = url
        clock = context.clock
        logger = context.logger
    }

    func failed(_ error: RedisError) {
        let now = clock.now
        let isRefusal = error.serverError?.reaction == .alarm
        switch pace.withLock({ $0.failed(at: now, isRefusal: isRefusal) }) {
        case .away:
            warn("Broker '\(broker)': \(error.sentence) Trying again", error)
        case .stillAway(let time):
            warn(
                "Broker '\(broker)' is still not connected after \(time.inWords): \(error.sentence) Trying again", error
            )
        case .refusedForGood(let count):
            lifetime.refuse(
                BrokerError(
                    .unauthorized,
                    "broker '\(broker)': \(error.sentence) Tried \(count) times; with 'wait-for-login: true' the program "
                        + "goes on trying"))
        case .connected, .back, nil: return
        }
    }

    func connected(_ connection: RedisConnection?) {
        let now = clock.now
        switch pace.withLock({ $0.connected(at: now) }) {
        case .connected: tellVersion(of: connection)
        case .back(let time):
            tell("Broker '\(broker)' is connected again to \(url), after \(time.inWords)")
        case .away, .stillAway, .refusedForGood, nil: return
        }
    }

    /// Asks the server what it is, and logs it with the first connection. A server that does not say is logged without.
    private func tellVersion(of connection: RedisConnection?) {
        let query = RedisCommands("INFO", "server", for: .anyNode)
        guard let reply = try? connection?.submit(query) else { return tellConnected(version: nil) }
        reply.whenDone { [self] in
            let facts = ServerFacts(try? reply.outcome?.get()[0])
            tellConnected(version: facts.title)
        }
    }

    private func tellConnected(version: String?) {
        let server = version.map { ", \($0)" } ?? ""
        tell(
            "Broker '\(broker)' is connected: \(provider) at \(url)\(server)",
            version.map { ["server": "\($0)"] } ?? [:])
    }

    private func tell(_ line: Logger.Message, _ more: Logger.Metadata = [:]) {
        let facts: Logger.Metadata = [LinkLoggingKeys.address: "\(url)", LoggingKeys.provider: "\(provider)"]
        logger.info(line, metadata: facts.merging(more) { $1 })
    }

    private func warn(_ line: Logger.Message, _ error: RedisError) {
        let facts: Logger.Metadata = [LinkLoggingKeys.address: "\(url)", LinkLoggingKeys.error: "\(error.code)"]
        logger.warning(line, metadata: facts)
    }
}

extension RedisError {
    /// The message with its end.
    fileprivate var sentence: String { message.hasSuffix("?") ? message : "\(message)." }
}
