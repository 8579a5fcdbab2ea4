// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Where a command goes, named by the keys that it is for.
///
/// A cluster divides the keys among its nodes. With one server every route leads to the same connection.
package enum RedisRoute: Sendable, Hashable {
    /// The node that has the slot of this key; all keys of the command are in that slot. A sharded channel counts
    /// as a key.
    case key(String)
    /// The nodes that have the slots of these keys, for a read of several streams: each node reads its own streams, and
    /// the arrays of their replies are joined.
    case keys([String])
    /// Any node, for a command without keys.
    case anyNode
    /// Every primary, for what concerns all keys.
    case everyPrimary
}

/// The routes of a batch, in the order of its commands: one run for neighbours with the same route.
///
/// The first run is stored in place, so a batch with one route allocates nothing.
package struct RedisRoutes: Sendable {
    /// Commands in a row that have the same route.
    package struct Run: Sendable {
        /// Where they go.
        package let route: RedisRoute
        /// The position of the first of them in the batch.
        package let command: Int
        /// Where the bytes of the first of them begin.
        package let byte: Int
    }

    /// The room for runs that is reserved with the second one.
    private static let reservation = 32

    private var first: Run?
    private var others: [Run] = []

    /// Makes the routes of an empty batch.
    package init() {}

    /// Makes the routes of commands that all go to one place.
    package init(_ route: RedisRoute) {
        add(route, command: 0, byte: 0)
    }

    /// The runs in order.
    package var runs: [Run] { (first.map { [$0] } ?? []) + others }

    /// Adds a command.
    mutating func add(_ route: RedisRoute, command: Int, byte: Int) {
        if isLast(route) { return }
        let run = Run(route: route, command: command, byte: byte)
        if first == nil { return first = run }
        if others.isEmpty { others.reserveCapacity(Self.reservation) }
        others.append(run)
    }

    /// Adds the routes of commands that are sent to the same places behind these.
    package mutating func add(_ routes: RedisRoutes) {
        if first == nil { return self = routes }
        for run in routes.runs { add(run.route, command: run.command, byte: run.byte) }
    }

    private func isLast(_ route: RedisRoute) -> Bool {
        others.isEmpty ? first?.route == route : others[others.count - 1].route == route
    }
}
