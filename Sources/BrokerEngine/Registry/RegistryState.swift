// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// The handlers of a registry and where it is in its life. A pure value.
struct RegistryState: Sendable {
    /// Where a registry is in its life.
    enum Phase: Sendable {
        /// Records handlers. Goes to running, to draining when it was told to drain before, or to ended.
        case idle
        /// Consumes. Goes to draining.
        case running
        /// Handles no further messages. Goes to ended.
        case draining
        /// Has closed its providers.
        case ended
    }

    private(set) var phase = Phase.idle
    private(set) var handlers: [HandlerID: StreamHandler] = [:]
    private(set) var consumers: [HandlerID: Consumer] = [:]
    private(set) var waiting: [Consumer] = []
    private var lastNumber = 0
    private var isToldToDrain = false
    /// When the drain is over.
    private(set) var overdue = Instant.distantFuture
    /// What a person is told about the drain; `nil` before it begins.
    private(set) var drainNotice: DrainNotice?

    /// The handlers in the order in which they were recorded.
    var handlersInOrder: [(id: HandlerID, handler: StreamHandler)] {
        handlers.sorted { $0.key.number < $1.key.number }.map { ($0.key, $0.value) }
    }

    mutating func record(_ handler: StreamHandler) -> HandlerID {
        let id = makeID()
        handlers[id] = handler
        return id
    }

    /// Makes a name that no handler has.
    mutating func makeID() -> HandlerID {
        lastNumber += 1
        return HandlerID(number: lastNumber)
    }

    /// Begins to run, or to drain when the registry was told so before; returns the handlers that are recorded, or
    /// `nil` when it has begun before.
    mutating func start() -> [(id: HandlerID, handler: StreamHandler)]? {
        guard phase == .idle else { return nil }
        phase = isToldToDrain ? .draining : .running
        return handlersInOrder
    }

    /// Takes a consumer for the registry's task group; returns whether it will run.
    ///
    /// A handler that is added while the registry begins to run is started twice, and a handler may be removed before
    /// it is started. In both cases only the first consumer of a handler that is still recorded is taken.
    mutating func add(_ consumer: Consumer, for id: HandlerID) -> Bool {
        guard phase == .running, handlers[id] != nil, consumers[id] == nil else { return false }
        consumers[id] = consumer
        waiting.append(consumer)
        return true
    }

    mutating func takeWaiting() -> [Consumer] {
        defer { waiting = [] }
        return waiting
    }

    mutating func remove(_ id: HandlerID) -> Consumer? {
        handlers[id] = nil
        return consumers.removeValue(forKey: id)
    }

    /// Begins to drain; a registry that does not run yet will drain as soon as it begins.
    ///
    /// Returns the consumers to drain, in the order of their handlers; `nil` when a drain has begun before.
    mutating func drain(until overdue: Instant) -> [Consumer]? {
        guard !isToldToDrain, phase == .idle || phase == .running else { return nil }
        isToldToDrain = true
        self.overdue = overdue
        guard phase == .running else { return [] }
        phase = .draining
        return consumers.sorted { $0.key.number < $1.key.number }.map(\.value)
    }

    mutating func note(_ notice: DrainNotice) {
        drainNotice = notice
    }

    /// Returns the notice of the drain the first time that it is asked for, so that its beginning is logged once.
    mutating func takeDrainBeginning() -> DrainNotice? {
        defer { drainNotice?.isBeginningLogged = true }
        return drainNotice.flatMap { $0.isBeginningLogged ? nil : $0 }
    }

    mutating func end() {
        phase = .ended
    }
}
