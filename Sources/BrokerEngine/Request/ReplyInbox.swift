// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Synchronization

/// Receives the replies to a process's requests: one stream for each broker, and one reader that hands them out.
///
/// The stream is made for the first request and deleted when the registry ends. A caller waits on a signal of its own,
/// in its own task, so a request costs no task.
final class ReplyInbox: Sendable {
    /// The group that reads the replies.
    static let group: GroupName = "~requester"
    /// The prefix of the names of streams of replies.
    static let namespace = "~replies:"
    /// The largest number of replies that are received at once.
    private static let batch = 1000

    let broker: Broker
    /// The stream of replies.
    let stream: StreamName

    private let name: String
    private let consumer: ConsumerName
    private let calls: CallMonitor
    private let runtime: EngineRuntime
    private let observers: Observers
    private let table = Mutex(RequestTable())
    /// Raised by the first request.
    private let openSignal = WakeSignal()

    init(broker: Broker, runtime: EngineRuntime, observers: Observers) {
        self.broker = broker
        self.runtime = runtime
        self.observers = observers
        name = "\(runtime.instance)-\(String(runtime.random() >> 16, radix: 36))"
        stream = StreamName(Self.namespace + name)
        consumer = ConsumerName(name)
        let identity = ConsumerIdentity(
            broker: broker.name, selection: .stream(stream), group: Self.group, consumer: consumer)
        calls = CallMonitor(
            identity: identity, runtime: runtime, events: EventRelay(observers))
    }

    /// How many callers wait for a reply.
    var waiting: Int { table.withLock { $0.count } }

    /// Whether the stream of replies is in use.
    var isOpen: Bool { table.withLock { $0.phase == .open } }

    /// Calls `publish` with a request and waits for the reply. However it ends, the caller leaves the table.
    func ask(
        _ message: Message, timeout: Duration, publish: (Message) async throws(BrokerError) -> Void
    ) async throws(BrokerError) -> Message {
        let deadline = runtime.clock.now + timeout
        let signal = WakeSignal()
        guard let (id, isFirst) = table.withLock({ $0.begin(signal) { "\(name)-\($0)" } }) else {
            throw .tooManyRequests
        }
        defer { leave(id) }
        if isFirst { openSignal.raise() }
        if let early = try await wait(for: id, signal, until: deadline, isPublished: false) { return early }
        var request = message
        request.headers[ReservedHeaders.replyTo] = stream.text
        request.headers[ReservedHeaders.correlationID] = id
        try await publish(request)
        while true {
            if let reply = try await wait(for: id, signal, until: deadline, isPublished: true) { return reply }
        }
    }

    /// Waits until there is a reply, or until the request may be published.
    private func wait(
        for id: String, _ signal: WakeSignal, until deadline: Instant, isPublished: Bool
    ) async throws(BrokerError) -> Message? {
        while true {
            let (isCancelled, isLate) = (Task.isCancelled, runtime.clock.now >= deadline)
            // A caller that gives up leaves in the same step: a reply is either taken or counted as dropped.
            switch table.withLock({ $0.look(id, isLast: isCancelled || isLate) }) {
            case .replied(let message): return message
            case .ended: throw .requesterEnded(isPublished: isPublished)
            case .waiting where !isPublished && !isCancelled && !isLate: return nil
            case .waiting, .early: break
            }
            if isCancelled { throw .requesterCancelled(isPublished: isPublished) }
            if isLate { throw timeout(isPublished: isPublished) }
            await signal.waitUnlessCancelled(until: deadline, on: runtime.clock)
        }
    }

    private func leave(_ id: String) {
        if table.withLock({ $0.withdraw(id) }) { tellDropped() }
    }

    private func tellDropped() {
        observers.tell(.replyDropped(broker: broker.name, reason: .unawaited))
    }

    private func timeout(isPublished: Bool) -> BrokerError {
        let (phase, obstacle) = table.withLock { ($0.phase, $0.obstacle) }
        if isPublished { return .noReply(obstacle) }
        return phase == .called ? .requesterIdle : .unopened(obstacle)
    }
}

/// Reading the replies.
extension ReplyInbox {
    /// Reads replies from the first request on until it is cancelled, then ends every wait and deletes the stream.
    func run() async {
        await openSignal.waitUnlessCancelled()
        table.withLock { $0.join() }
        let subscription = await join()
        if let subscription {
            for signal in table.withLock({ $0.open() }) { signal.raise() }
            await read(subscription)
        }
        end()
        guard let subscription else { return }
        await subscription.close()
        // If that fails, the janitor of another process deletes the stream.
        _ = try? await (broker.service as? any StreamDeleting)?.delete(.stream(stream), idleFor: .zero)
    }

    /// Ends every wait: no further reply will be read.
    func end() {
        for signal in table.withLock({ $0.end() }) { signal.raise() }
    }

    private func join() async -> (any BrokerSubscription)? {
        let request = SubscriptionRequest(
            .stream(stream), group: Self.group, consumer: consumer, start: .latest)
        var backoff = CallBackoff()
        while !Task.isCancelled {
            do {
                let subscription = try await broker.service.subscribe(request)
                calls.recovered(.subscribe)
                return subscription
            } catch {
                await pause(after: error, in: .subscribe, &backoff)
            }
        }
        return nil
    }

    private func read(_ subscription: any BrokerSubscription) async {
        var backoff = CallBackoff()
        while !Task.isCancelled {
            do {
                let received = try await subscription.receive(ReceiveRequest(limit: Self.batch, wait: .seconds(30)))
                handOut(received.messages)
                calls.recovered(.receive)
                if backoff.succeed() { table.withLock { $0.obstacle = nil } }
                await settle(received.messages, on: subscription, &backoff)
            } catch {
                await pause(after: error, in: .receive, &backoff)
            }
        }
    }

    /// A reply whose ack is lost is received again, and dropped then.
    private func settle(
        _ replies: [InboundMessage], on subscription: any BrokerSubscription, _ backoff: inout CallBackoff
    ) async {
        guard !replies.isEmpty else { return }
        do {
            _ = try await subscription.settle(replies.map { Settlement($0.receipt, .ack) })
            calls.recovered(.settle)
        } catch {
            await pause(after: error, in: .settle, &backoff)
        }
    }

    /// Requesters whose time is over are told the error too.
    private func pause(after error: BrokerError, in call: ProviderCall, _ backoff: inout CallBackoff) async {
        // What a cancelled call throws says nothing about the provider.
        if Task.isCancelled { return }
        table.withLock { $0.obstacle = error }
        await calls.pause(after: error, in: call, &backoff)
    }

    private func handOut(_ messages: [InboundMessage]) {
        for message in messages.map(\.message) {
            // The reply that a caller keeps must not keep the memory of the whole batch.
            let reply = message.detached()
            let id = reply.headers[ReservedHeaders.correlationID] ?? ""
            if let signal = table.withLock({ $0.reply(to: id, with: reply) }) {
                signal.raise()
            } else {
                tellDropped()
            }
        }
    }

}

extension BrokerError {
    fileprivate static func noReply(_ obstacle: BrokerError?) -> BrokerError {
        BrokerError(
            .timeout, "no reply came in time; the request may be handled all the same", underlying: obstacle,
            isRetryable: true, effect: .unknown)
    }

    fileprivate static func unopened(_ obstacle: BrokerError?) -> BrokerError {
        BrokerError(
            .timeout, "the stream of replies could not be opened in time: \(obstacle?.message ?? "no reply")",
            underlying: obstacle, isRetryable: true)
    }

    fileprivate static let requesterIdle = BrokerError(
        .notRunning, "a request needs a registry that runs, to read its reply; this one did not run in time")

    fileprivate static let tooManyRequests = BrokerError(
        .overloaded, "\(RequestTable.maximumWaiting) callers of this process wait for replies already",
        isRetryable: true)

    fileprivate static func requesterCancelled(isPublished: Bool) -> BrokerError {
        BrokerError(
            .cancelled, "the caller was cancelled while it waited for a reply",
            effect: isPublished ? .unknown : .notApplied)
    }

    fileprivate static func requesterEnded(isPublished: Bool) -> BrokerError {
        BrokerError(
            .closed, "the registry has ended, and no reply can arrive any more",
            effect: isPublished ? .unknown : .notApplied)
    }
}
