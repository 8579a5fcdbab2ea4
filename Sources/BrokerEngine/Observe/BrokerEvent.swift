// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore

/// What happens in a program that publishes and consumes; told to every observer.
///
/// More cases may come: a `switch` in another package needs `@unknown default`.
@nonexhaustive
public enum BrokerEvent: Sendable {
    /// Messages were stored, or could not be.
    case published(PublishedEvent)
    /// The broadcast beside a stored message failed; the message itself is stored.
    case broadcastFailed(broker: BrokerName, stream: StreamName, error: BrokerError)
    /// A reply to a request reached nobody.
    case replyDropped(broker: BrokerName, reason: DroppedReply)
    /// A consumer joined its group.
    case subscribed(ConsumerIdentity)
    /// A consumer left its group.
    case unsubscribed(ConsumerIdentity)
    /// Other consumers have appeared in a group that keeps an order; what they and this one handle is in none.
    case orderShared(ConsumerIdentity, with: [ConsumerName])
    /// Messages were leased.
    case received(ReceivedEvent)
    /// Settlements came back from the provider.
    case settled(SettledEvent)
    /// A message could not be decoded and was handed back, because its group is new and has handled no message yet.
    case keptUndecodable(DeliveryIdentity, reason: String)
    /// None of the first messages of a new group could be decoded. The consumer keeps them and takes no more.
    case stoppedByUndecodable(ConsumerIdentity, messages: Int, reason: String)
    /// A handler threw after it had settled its delivery; the settlement holds.
    case failedAfterSettling(DeliveryIdentity, error: any Error)
    /// A handler was cancelled.
    case cancelled(ConsumerIdentity, reason: CancellationReason)
    /// A handler runs for longer than `warn-after`. Told again each time after twice as long; of a batch once.
    case handlerSlow(DeliveryIdentity, running: Duration)
    /// No task of the process has got a thread for so long: handlers block all of them. Told again each time after
    /// twice as long, on a thread of its own. `handlers` have been running longest.
    case poolBlocked(for: Duration, handlers: [RunningHandler])
    /// Tasks get a thread again.
    case poolRecovered(after: Duration)
    /// A handler ignored its cancellation for 5 s; its lane was replaced. An overlapping execution is possible now.
    case laneReplaced(DeliveryIdentity)
    /// A lease was lost: another consumer has the message, or it could not be extended in time.
    case leaseLost(DeliveryIdentity)
    /// An entry was pending and is gone from its stream: the message can no longer be delivered.
    case missing(ConsumerIdentity, MissingEntry)
    /// A provider refused a settlement. It is sent again after a second, and after twice as long each time, up to a
    /// minute. Told the first time and then once a minute.
    case settlementRefused(DeliveryIdentity, error: BrokerError)
    /// A call of the provider failed, for the `consecutive`th time in a row, and will be repeated after `retryIn`.
    case callFailed(ConsumerIdentity, call: ProviderCall, error: BrokerError, consecutive: Int, retryIn: Duration)
    /// A call of the provider works again after it had failed.
    case callRecovered(ConsumerIdentity, call: ProviderCall)
    /// Settlements could not be delivered before the drain ended; their messages will come again.
    case abandoned(ConsumerIdentity, settlements: Int)
    /// A provider has done its upkeep.
    case maintained(broker: BrokerName, MaintenanceReport)
    /// A shutdown began.
    case draining
}

/// Why a handler was cancelled.
@nonexhaustive
public enum CancellationReason: String, Sendable, Hashable {
    /// It took longer than its `timeout`.
    case deadline
    /// Its lease was lost.
    case leaseLost
    /// The process shuts down.
    case shutdown
}

/// A call that a consumer makes again and again.
@nonexhaustive
public enum ProviderCall: String, Sendable, Hashable {
    /// Joining the group.
    case subscribe
    /// Receiving messages.
    case receive
    /// Settling messages.
    case settle
    /// Extending leases.
    case extend
}

/// Why a reply to a request reached nobody.
@nonexhaustive
public enum DroppedReply: String, Sendable, Hashable, CaseIterable {
    /// The requester has its reply already, gave up, or was cancelled.
    case unawaited
    /// The stream of replies is gone: the requesting process has ended, or on Pub/Sub does not listen at the moment.
    case requesterGone
}
