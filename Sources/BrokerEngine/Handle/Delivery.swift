// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
public import Logging

/// A message in a handler: what it says, which attempt this is, and the verbs by which the handler may decide itself.
///
/// A handler that returns has acknowledged, one that throws asks for a retry; the verbs are for everything else. A verb
/// records the decision and returns at once, exactly once per delivery; ``settled`` waits for the server. A delivery
/// may be copied and kept, but once its handler has ended it can no longer decide.
public struct Delivery: Sendable {
    let held: Held
    let begun: LeaseTable.Begun
    let consumer: DeliveryContext
    /// What middleware has changed; `nil` when it has changed nothing.
    private var changes: Changes?

    init(held: Held, begun: LeaseTable.Begun, consumer: DeliveryContext) {
        self.held = held
        self.begun = begun
        self.consumer = consumer
    }

    /// What was published, or what middleware made of it.
    ///
    /// Setting it changes what the next middleware and the handler see, and nothing of what is stored.
    public var message: Message {
        get {
            guard let changes else { return stored }
            return changes.message ?? stored
        }
        set { changes = Changes(message: newValue, logger: changes?.logger) }
    }

    /// The message as it is stored.
    var stored: Message { held.message }

    /// The id of the entry.
    public var id: MessageID { held.id }

    /// The stream that it came from.
    public var stream: StreamName { held.stream }

    /// The group that it came to.
    public var group: GroupName { consumer.identity.group }

    /// The number of this attempt, from 1; counted where the message is stored, so it survives crashes.
    public var attempt: Int { begun.attempt }

    /// Whether the message becomes a dead letter if this attempt fails.
    public var isLastAttempt: Bool { begun.attempt >= consumer.decider.rules.attempts }

    /// How often the message has come back from the dead letters, by ``Broker/replayDeadLetters(of:for:matching:limit:)``;
    /// 0 for a message that never was one.
    public var replays: Int { stored.headers[ReservedHeaders.replays].flatMap { Int($0) } ?? 0 }

    /// When the server stored the message.
    public var publishedAt: Timestamp {
        Timestamp(milliseconds: Int64(clamping: held.id.milliseconds))
    }

    /// When the lease would run out, by this machine's clock, if it were not extended by itself, as it is.
    public var leaseExpiresAt: Timestamp {
        let clock = consumer.runtime.clock
        let expires = consumer.leaseExpiry(of: held.slot) ?? begun.expires
        return clock.timestamp + (expires - clock.now)
    }

    /// A logger that says which delivery it is about; middleware may add metadata to it.
    public var logger: Logger {
        get { changes?.logger ?? consumer.logger(for: self) }
        set { changes = Changes(message: changes?.message, logger: newValue) }
    }
}

extension Delivery {
    /// What middleware has changed: one word in a delivery, which is copied often.
    private final class Changes: Sendable {
        let message: Message?
        let logger: Logger?

        init(message: Message?, logger: Logger?) {
            self.message = message
            self.logger = logger
        }
    }
}

extension DeliveryContext {
    /// A logger that says which delivery it is about.
    fileprivate func logger(for delivery: Delivery) -> Logger {
        var logger = logger
        logger[metadataKey: LoggingKeys.stream] = "\(delivery.stream)"
        logger[metadataKey: LoggingKeys.group] = "\(identity.group)"
        logger[metadataKey: LoggingKeys.message] = "\(delivery.id)"
        logger[metadataKey: LoggingKeys.attempt] = "\(delivery.attempt)"
        return logger
    }
}

extension Delivery: CustomStringConvertible, CustomDebugStringConvertible {
    /// Which delivery it is, without anything of what it says.
    public var description: String { "\(stream) \(id) attempt \(attempt)" }

    /// The same as ``description``.
    public var debugDescription: String { description }
}

/// What belongs together: a request and its reply, a message and what its handler publishes on.
extension Delivery {
    /// What all messages of the conversation share; `nil` when the message belongs to none.
    public var correlationID: String? { stored.headers[ReservedHeaders.correlationID] }

    /// Which message led to this one, as `orders/1700000000000-0`; `nil` when that is not known.
    public var causationID: String? { stored.headers[ReservedHeaders.causationID] }
}

extension Message {
    /// This message as one that a delivery led to: part of the same conversation, with the delivery as its cause.
    ///
    /// A delivery that belongs to no conversation begins one, under its own stream and id. The headers that are added
    /// do not count for the bounds on what a publisher may set, so these are checked before.
    package func following(_ delivery: Delivery) -> Message {
        let cause = "\(delivery.stream)/\(delivery.id)"
        var message = self
        message.headers[ReservedHeaders.correlationID] = delivery.correlationID ?? cause
        message.headers[ReservedHeaders.causationID] = cause
        return message
    }
}
