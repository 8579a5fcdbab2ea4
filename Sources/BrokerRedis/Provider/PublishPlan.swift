// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import RedisWire

/// The commands that store the messages of one write. A pure value.
///
/// Messages are stored by XADD. A stream to which one of them goes with an id takes all of its messages by calls of a
/// script, so that they keep their order even if the server has forgotten the script.
struct PublishPlan {
    /// How each stream is reached, and whether it is to be added to the set of streams.
    typealias Targets = (StreamName) -> (target: PublishTarget, isDue: Bool)

    /// The messages, in the order of the results.
    let entries: [PublishBatch.Entry]
    /// Every XADD, and behind them what the provider adds.
    var commands: RedisCommands
    /// Every call of a script; `nil` if no message has an id.
    private(set) var calls: ScriptCalls?
    /// What the messages wait for; `nil` for nothing.
    private(set) var wait: ReplicaWait?
    /// The streams that may not be in the set.
    private(set) var newcomers: [StreamName] = []
    /// The streams whose messages go by calls.
    private let called: Set<StreamName>

    /// Plans a write.
    init(_ entries: [PublishBatch.Entry], targets: Targets) {
        self.entries = entries
        let hasIDs = entries.contains { $0.deduplication != nil }
        called = hasIDs ? Set(entries.lazy.filter { $0.deduplication != nil }.map(\.stream)) : []
        commands = RedisCommands(capacity: hasIDs ? 256 : entries.reduce(0) { $0 + $1.message.size + 96 })
        commands.keepsOrder = true
        if hasIDs { calls = ScriptCalls() }
        var last: (stream: StreamName, target: PublishTarget)?
        for entry in entries {
            if last?.stream != entry.stream {
                let (target, isDue) = targets(entry.stream)
                // The consumer adds a reserved stream, so that none stays when the consumer is gone.
                if isDue, !entry.stream.isReserved { newcomers.append(entry.stream) }
                last = (entry.stream, target)
                if let policy = target.durability {
                    var wait = wait ?? ReplicaWait()
                    wait.add(policy, of: entry.stream, at: target.key)
                    self.wait = wait
                }
            }
            if let last { add(entry, to: last.target) }
        }
    }

    /// Where everything goes.
    var routes: RedisRoutes {
        guard let calls else { return commands.routes }
        var routes = commands.routes
        routes.add(calls.routes)
        return routes
    }

    private mutating func add(_ entry: PublishBatch.Entry, to target: PublishTarget) {
        if calls != nil, called.contains(entry.stream) {
            calls?.addPublish(entry, to: target)
        } else {
            EntryEncoder.append(
                entry.message, to: target.key, keepingNewest: target.bound, mustExist: entry.stream.isReserved,
                in: &commands)
        }
    }

    /// Returns one result for each message, in order, and the errors of the server among them.
    ///
    /// - Parameters:
    ///   - stored: The replies to the commands.
    ///   - once: The replies to the calls.
    func results(
        _ stored: Result<RedisReplies?, BrokerError>, _ once: Result<[RedisReply], BrokerError>
    ) -> (results: [Result<PublishReceipt, BrokerError>], errors: [ServerError]) {
        var results: [Result<PublishReceipt, BrokerError>] = []
        results.reserveCapacity(entries.count)
        var errors: [ServerError] = []
        var plain = (try? stored.get())?.makeIterator()
        var scripted = (try? once.get())?.makeIterator()
        for entry in entries {
            let isCalled = calls != nil && called.contains(entry.stream)
            guard let reply = isCalled ? scripted?.next() : plain?.next() else {
                let failure = isCalled ? once.failure : stored.failure
                results.append(.failure(failure ?? .missingReply(entry.stream)))
                continue
            }
            if let error = reply.error { errors.append(error) }
            results.append(Self.result(of: reply, for: entry.stream, isCalled: isCalled))
        }
        return (results, errors)
    }

    private static func result(
        of reply: RedisReply, for stream: StreamName, isCalled: Bool
    ) -> Result<PublishReceipt, BrokerError> {
        if let error = reply.error { return .failure(BrokerError(error, "publish to '\(stream)'")) }
        if isCalled {
            guard let id = reply.elements[0].flatMap(EntryDecoder.id), let flag = reply.elements[1]?.integer else {
                return .failure(.missingReply(stream))
            }
            return .success(PublishReceipt(id: id, isDuplicate: flag == 1))
        }
        if let id = EntryDecoder.id(reply) { return .success(PublishReceipt(id: id)) }
        if stream.isReserved, reply.kind == .null {
            return .failure(BrokerError(.undeclaredStream, "there is no stream '\(stream)' any more"))
        }
        return .failure(.missingReply(stream))
    }
}

extension ScriptCalls {
    /// Stores a message, once if it has an id.
    fileprivate mutating func addPublish(_ entry: PublishBatch.Entry, to target: PublishTarget) {
        begin(
            RedisScripts.publish, for: .key(target.key), keys: 2,
            arguments: 4 + EntryEncoder.valueCount(of: entry.message))
        add(target.key)
        add(target.ids)
        add(target.bound.map { "\($0)" } ?? "")
        add(entry.deduplication?.id.text ?? "")
        add(Int(entry.deduplication?.policy.window.millisecondsRoundedUp ?? 0))
        add(entry.deduplication?.policy.maximumIDs ?? 0)
        EntryEncoder.addValues(entry.message, to: &self)
    }
}

extension Result {
    fileprivate var failure: Failure? { if case .failure(let error) = self { error } else { nil } }
}

extension BrokerError {
    fileprivate static func missingReply(_ stream: StreamName) -> BrokerError {
        BrokerError(
            RedisError(.malformedReply, "the server did not return an id", effect: .unknown), "publish to '\(stream)'")
    }
}
