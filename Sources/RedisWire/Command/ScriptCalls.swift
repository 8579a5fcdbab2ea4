// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Calls of scripts that are sent together by digest, and once more by text if the server has forgotten the script.
///
/// A call is begun with its route and its numbers of keys and arguments, then each of them is added, keys first:
///
///     calls.begin(script, for: .key("orders"), keys: 1, arguments: 2)
///     calls.add("orders")
package struct ScriptCalls: Sendable {
    private struct Call {
        var script: RedisScript
        var route: RedisRoute
        var tail: Range<Int>
        var parts: Int
    }

    private var calls: [Call] = []
    private var parts = RedisCommands()

    /// Makes an empty batch.
    package init() {}

    /// The number of calls that were begun.
    package var count: Int { calls.count }

    /// Where the calls go.
    package var routes: RedisRoutes { parts.routes }

    /// Begins a call.
    ///
    /// - Parameters:
    ///   - script: The script.
    ///   - route: Where the call goes.
    ///   - keys: The number of keys.
    ///   - arguments: The number of the other arguments.
    package mutating func begin(_ script: RedisScript, for route: RedisRoute, keys: Int, arguments: Int) {
        finishCall()
        // EVALSHA and EVAL differ in their first two parts only; a placeholder stands for both.
        parts.begin(keys + arguments + 2, "", for: route)
        let start = parts.byteCount
        parts.add(keys)
        calls.append(Call(script: script, route: route, tail: start..<start, parts: keys + arguments + 1))
    }

    /// Adds a key or an argument as UTF-8.
    package mutating func add(_ text: String) {
        parts.add(text)
    }

    /// Adds an argument in decimal digits.
    package mutating func add(_ value: Int) {
        parts.add(value)
    }

    /// Adds an argument of bytes as they are.
    package mutating func add(_ part: [UInt8]) {
        parts.add(part)
    }

    /// Adds an argument of bytes as they are; they are copied before this returns.
    package mutating func add(_ part: UnsafeRawBufferPointer) {
        parts.add(part)
    }

    /// All calls by digest.
    func commandsByDigest() -> RedisCommands {
        commands(calls.indices, "EVALSHA", \.digest)
    }

    /// The calls at these positions by text, which the server then remembers.
    func commandsByText(_ positions: [Int]) -> RedisCommands {
        commands(positions, "EVAL", \.text)
    }

    private func commands(
        _ positions: some Sequence<Int>, _ name: StaticString, _ script: KeyPath<RedisScript, String>
    ) -> RedisCommands {
        var whole = self
        whole.finishCall()
        var commands = RedisCommands(capacity: parts.byteCount + 64 * calls.count)
        for position in positions {
            let call = whole.calls[position]
            commands.begin(call.parts + 2, name, for: call.route)
            commands.add(call.script[keyPath: script])
            let tail = whole.parts.bytes.getSlice(at: call.tail.lowerBound, length: call.tail.count)
            commands.add(encoded: tail ?? ByteBuffer(), count: call.parts)
        }
        return commands
    }

    private mutating func finishCall() {
        guard let last = calls.indices.last else { return }
        calls[last].tail = calls[last].tail.lowerBound..<parts.byteCount
    }
}
