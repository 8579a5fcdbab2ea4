// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
import Logging
import Synchronization

/// Recording handlers. The file holds numbers, code holds handlers: what is recorded here is compared with the
/// configuration when the registry begins to run, all mismatches at once.
extension BrokerRegistry {
    /// Records a handler for the messages of a stream, or of all streams that match a pattern, as they are stored.
    ///
    /// While the registry runs the handler begins at once; if it does not fit the configuration that is logged as an
    /// error, so ``add(_:)`` is the better choice there.
    @discardableResult
    public func handle(
        _ stream: String, group: GroupName, file: String = #fileID, line: Int = #line,
        handler: @escaping DeliveryHandler
    ) -> HandlerID {
        record(StreamHandler(stream, group: group, file: file, line: line, handler: handler))
    }

    /// Records a handler for values; a body that cannot be decoded becomes a dead letter at once.
    @discardableResult
    public func handle<Value: Decodable & Sendable>(
        _ stream: String, group: GroupName, as type: Value.Type, file: String = #fileID, line: Int = #line,
        handler: @escaping @Sendable (Value, Delivery) async throws -> Void
    ) -> HandlerID {
        record(
            StreamHandler(
                stream, group: group, as: type, codec: codec, file: file, line: line, handler: handler))
    }

    /// Records a handler for batches of messages; returning acknowledges all of a batch, throwing retries all.
    @discardableResult
    public func handle(
        _ stream: String, group: GroupName, batch: BatchSize, file: String = #fileID, line: Int = #line,
        handler: @escaping BatchHandler
    ) -> HandlerID {
        record(StreamHandler(stream, group: group, batch: batch, file: file, line: line, handler: handler))
    }

    /// Records a handler for batches of values; what cannot be decoded becomes a dead letter and is not in the batch.
    @discardableResult
    public func handle<Value: Decodable & Sendable>(
        _ stream: String, group: GroupName, batch: BatchSize, as type: Value.Type, file: String = #fileID,
        line: Int = #line,
        handler: @escaping @Sendable ([(value: Value, delivery: Delivery)]) async throws -> Void
    ) -> HandlerID {
        record(
            StreamHandler(
                stream, group: group, batch: batch, as: type, codec: codec, file: file, line: line, handler: handler))
    }

    /// Adds a handler to a registry that runs, or records it for one that does not yet.
    ///
    /// Throws what the start-up check would have reported.
    @discardableResult
    public func add(_ handler: StreamHandler) throws(ConfigurationError) -> HandlerID {
        let check = StartCheck(directory: directory, brokers: brokers)
        let (problems, id) = state.withLock { state -> ([ConfigurationProblem], HandlerID?) in
            let problems = check.newProblems(of: handler, beside: state.handlersInOrder.map(\.handler))
            return (problems, problems.isEmpty ? state.record(handler) : nil)
        }
        guard let id else { throw ConfigurationError(problems) }
        start(id, handler)
        return id
    }

    /// Removes a handler and waits until its consumer has drained; what it still buffered goes back to the group.
    public func remove(_ id: HandlerID) async {
        guard let consumer = state.withLock({ $0.remove(id) }) else { return }
        let ends = drainEnds(now: runtime.clock.now)
        consumer.drain(handlersUntil: ends.handlers, overdue: ends.overdue)
        await consumer.endedSignal.wait()
    }

    func record(_ handler: StreamHandler) -> HandlerID {
        if let id = state.withLock({ $0.phase == .idle ? $0.record(handler) : nil }) { return id }
        do {
            return try add(handler)
        } catch {
            logger.error("A handler does not fit the configuration", metadata: [LoggingKeys.error: "\(error)"])
            return state.withLock { $0.makeID() }
        }
    }

    /// Begins to consume for a handler, if the registry runs.
    func start(_ id: HandlerID, _ handler: StreamHandler) {
        guard let consumer = makeConsumer(for: handler) else { return }
        if state.withLock({ $0.add(consumer, for: id) }) { orders.raise() }
    }
}
