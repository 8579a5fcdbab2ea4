// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
import BrokerEngine

/// Reading messages. No group notices it.
extension Operations {
    /// Returns one message.
    ///
    /// - Throws: ``BrokerError/Code/undeclaredStream`` if the stream has no such message, and what providers throw.
    public func message(
        _ id: MessageID, of stream: StreamName, on broker: BrokerName? = nil
    ) async throws(BrokerError) -> MessageReport {
        let found = try await self.broker(of: stream, on: broker).range(id...id, of: stream, limit: 1)
        guard let message = found.first else {
            throw BrokerError(
                .undeclaredStream,
                "'\(stream)' has no message \(id): it was never stored there, or retention removed it")
        }
        return MessageReport(message, of: stream)
    }

    /// Returns the newest messages of a stream.
    public func newest(
        _ count: Int, of stream: StreamName, on broker: BrokerName? = nil
    ) async throws(BrokerError) -> MessagesReport {
        let messages = try await self.broker(of: stream, on: broker).latest(count, of: stream)
        return MessagesReport(messages: messages.reversed().map { MessageReport($0, of: stream) })
    }

    /// Returns the messages behind an id, and waits for the first one.
    ///
    /// - Parameters:
    ///   - id: The id of the last message that is known.
    ///   - stream: The stream.
    ///   - broker: The broker that is meant; `nil` for the one that the configuration says.
    ///   - limit: How many messages to return at most.
    ///   - wait: How long to wait for the first one.
    public func messages(
        after id: MessageID, of stream: StreamName, on broker: BrokerName? = nil, limit: Int = 1000,
        wait: Duration = .zero
    ) async throws(BrokerError) -> MessagesReport {
        let messages = try await self.broker(of: stream, on: broker).tail(stream, after: id, limit: limit, wait: wait)
        return MessagesReport(messages: messages.map { MessageReport($0, of: stream) })
    }

    /// Looks for a text in bodies, keys and values of headers.
    ///
    /// - Parameters:
    ///   - text: The text, in the same case.
    ///   - stream: The stream.
    ///   - broker: The broker that is meant; `nil` for the one that the configuration says.
    ///   - id: The id behind which the search begins.
    ///   - limit: After how many messages that were found it ends.
    ///   - scan: After how many messages that were looked at it ends.
    public func find(
        _ text: String, in stream: StreamName, on broker: BrokerName? = nil, after id: MessageID = .zero,
        limit: Int = 20, scan: Int = 10_000
    ) async throws(BrokerError) -> SearchReport {
        let broker = try self.broker(of: stream, on: broker)
        var report = SearchReport(messages: [], scanned: 0, lastID: nil, isComplete: false)
        var last = id
        while report.scanned < scan, report.messages.count < limit, let first = last.next, !Task.isCancelled {
            let count = min(Self.page, scan - report.scanned)
            let page = try await broker.range(first...MessageID.maximum, of: stream, limit: count)
            for stored in page where report.messages.count < limit {
                report.scanned += 1
                last = stored.id
                if stored.message.holds(text) { report.messages.append(MessageReport(stored, of: stream)) }
            }
            if page.count < count, page.last.map({ $0.id == last }) ?? true {
                report.isComplete = true
                break
            }
        }
        report.lastID = report.scanned > 0 ? "\(last)" : nil
        return report
    }

    /// How many messages a search reads at a time.
    private static let page = 500
}

extension Message {
    /// Whether its body, its key or the value of a header has a text in it.
    fileprivate func holds(_ text: String) -> Bool {
        let wanted = Array(text.utf8)
        if wanted.isEmpty || key.map({ $0.utf8.firstRange(of: wanted) != nil }) ?? false { return true }
        if payload.bytes.firstRange(of: wanted) != nil { return true }
        return headers.contains { $0.value.bytes.firstRange(of: wanted) != nil }
    }
}

/// Publishing.
extension Operations {
    /// Stores a message.
    ///
    /// - Parameters:
    ///   - message: The message.
    ///   - stream: The stream. If the registry declares no streams, it may be any, and is created if it is missing.
    ///   - broker: The broker that is meant; `nil` for the one that the configuration says.
    ///   - id: The publisher's own id of the message; `nil` stores it in any case.
    /// - Throws: What ``BrokerRegistry/publish(_:to:id:timeout:)-(Message,_,_,_)`` throws.
    public func publish(
        _ message: Message, to stream: StreamName, on broker: BrokerName? = nil, id: DeduplicationID? = nil
    ) async throws(BrokerError) -> PublishReceipt {
        let broker = try self.broker(of: stream, on: broker)
        if !isBare { return try await registry.publish(message, to: stream, id: id) }
        try MessageRules.check(message, for: stream, maximumPayload: StreamConfiguration.defaultMaximumPayload)
        let entry = PublishBatch.Entry(
            stream: stream, message: message,
            deduplication: id.map { PublishBatch.Deduplication($0, DeduplicationPolicy()) })
        guard let result = await broker.store([entry], isCancellable: true).first else {
            throw BrokerError(.malformedReply, "the provider returned nothing", effect: .unknown)
        }
        return try result.get()
    }
}

extension PublishReport {
    /// Makes a report on the result of publishing one message.
    package init(_ result: Result<PublishReceipt, BrokerError>, _ number: Int, to stream: StreamName) {
        self.stream = stream.text
        self.number = number
        isDuplicate = false
        switch result {
        case .success(let receipt):
            (id, isDuplicate, replicas) = ("\(receipt.id)", receipt.isDuplicate, receipt.replicas)
        case .failure(let failure):
            (id, replicas) = (failure.receipt.map { "\($0.id)" }, failure.receipt?.replicas)
            error = failure.message
        }
    }
}
