// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
import Logging
import Synchronization

/// Recording handlers. The configuration file holds numbers, code holds handlers. When the registry begins to run, it
/// compares both and reports all mismatches together.
extension BrokerRegistry {
    /// Records a handler for the messages of a stream, or of all streams that match a pattern, as they are stored.
    ///
    /// If the registry runs already, the handler begins at once. If it does not fit the configuration then, an error is
    /// logged: ``add(_:)`` throws instead.
    ///
    /// - Parameters:
    ///   - stream: The stream or pattern to consume.
    ///   - group: The group whose share of the messages it handles.
    ///   - handler: Handles a message. Returning acknowledges it, throwing asks for a retry.
    /// - Returns: The handler's name, for ``remove(_:)``.
    @discardableResult
    public func handle(
        _ stream: String, group: GroupName, file: String = #filePath, line: Int = #line,
        handler: @escaping DeliveryHandler
    ) -> HandlerID {
        record(StreamHandler(stream, group: group, file: file, line: line, handler: handler))
    }

    /// Records a handler for values. A message whose body cannot be decoded becomes a dead letter at once.
    ///
    /// - Returns: The handler's name, for ``remove(_:)``.
    @discardableResult
    public func handle<Value: Decodable & Sendable>(
        _ stream: String, group: GroupName, as type: Value.Type, file: String = #filePath, line: Int = #line,
        handler: @escaping @Sendable (Value, Delivery) async throws -> Void
    ) -> HandlerID {
        record(
            StreamHandler(
                stream, group: group, as: type, codec: codec, file: file, line: line, handler: handler))
    }

    /// Records a handler for batches of messages. Returning acknowledges the whole batch, throwing retries it.
    ///
    /// - Parameters:
    ///   - stream: The stream or pattern to consume.
    ///   - group: The group whose share of the messages it handles.
    ///   - batch: How many messages a batch has, and how long it waits for them.
    ///   - handler: Handles a batch.
    /// - Returns: The handler's name, for ``remove(_:)``.
    @discardableResult
    public func handle(
        _ stream: String, group: GroupName, batch: BatchSize, file: String = #filePath, line: Int = #line,
        handler: @escaping BatchHandler
    ) -> HandlerID {
        record(StreamHandler(stream, group: group, batch: batch, file: file, line: line, handler: handler))
    }

    /// Records a handler for batches of values. A message whose body cannot be decoded becomes a dead letter and is not
    /// in the batch.
    ///
    /// - Returns: The handler's name, for ``remove(_:)``.
    @discardableResult
    public func handle<Value: Decodable & Sendable>(
        _ stream: String, group: GroupName, batch: BatchSize, as type: Value.Type, file: String = #filePath,
        line: Int = #line,
        handler: @escaping @Sendable ([(value: Value, delivery: Delivery)]) async throws -> Void
    ) -> HandlerID {
        record(
            StreamHandler(
                stream, group: group, batch: batch, as: type, codec: codec, file: file, line: line, handler: handler))
    }

    /// Adds a handler: it begins at once when the registry runs, and with the registry otherwise.
    ///
    /// - Returns: The handler's name, for ``remove(_:)``.
    /// - Throws: The problems that the check at the start would have reported.
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

    /// Removes a handler and waits until its consumer has drained. Messages that it had buffered go back to the group.
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

    /// Begins to consume for a handler when the registry runs.
    func start(_ id: HandlerID, _ handler: StreamHandler) {
        guard let consumer = makeConsumer(for: handler) else { return }
        if state.withLock({ $0.add(consumer, for: id) }) { stateSignal.raise() }
    }
}

/// The name of a handler in its registry, for removing it.
public struct HandlerID: Sendable, Hashable {
    let number: Int
}
