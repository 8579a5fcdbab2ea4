// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Commands that are sent together, encoded as they are added. Each gets one reply, in order.
///
/// A command is begun with its number of parts and its route, then each part is added:
///
///     commands.begin(3, "XACK", for: .key("orders"))
///     commands.add("orders")
///     commands.add("billing")
package struct RedisCommands: Sendable {
    /// The number of commands that were begun.
    package private(set) var count = 0
    /// Where the commands go.
    package private(set) var routes = RedisRoutes()
    /// Whether of the commands for one slot none may be applied before an earlier one, although they are not waited for
    /// one by one. A single server keeps the order anyway; on a cluster they become a transaction.
    package var keepsOrder = false
    private(set) var bytes: ByteBuffer
    private var missingParts = 0

    /// Makes an empty batch with room for `capacity` bytes.
    package init(capacity: Int = 256) {
        bytes = ByteBufferAllocator().buffer(capacity: capacity)
    }

    /// Makes a batch of one command whose parts are strings.
    package init(_ name: StaticString, _ arguments: String..., for route: RedisRoute) {
        self.init()
        begin(arguments.count + 1, name, for: route)
        for argument in arguments { add(argument) }
    }

    /// The number of bytes on the wire.
    package var byteCount: Int { bytes.readableBytes }

    /// A copy of the bytes that are sent.
    package var wire: [UInt8] { Array(bytes.readableBytesView) }

    /// Whether the last command has all its parts.
    var isWhole: Bool { missingParts == 0 }

    /// Begins a command.
    ///
    /// - Parameters:
    ///   - parts: The number of its parts, its name included.
    ///   - name: Its name, the first part.
    ///   - route: Where it goes.
    package mutating func begin(_ parts: Int, _ name: StaticString, for route: RedisRoute) {
        precondition(isWhole && parts > 0, "a command is begun when the one before has all its parts")
        routes.add(route, command: count, byte: byteCount)
        count += 1
        missingParts = parts
        bytes.writeWithUnsafeMutableBytes(minimumWritableBytes: PartWriter.frame) { room in
            var writer = PartWriter(room)
            writer.header(UInt8(ascii: "*"), parts)
            return writer.count
        }
        add(name)
    }

    /// Adds a whole command. Room is reserved once for all its parts, which is quicker than part by part.
    ///
    /// - Parameters:
    ///   - parts: The number of its parts, its name included.
    ///   - name: Its name, the first part.
    ///   - route: Where it goes.
    ///   - byteCount: At least the number of bytes of the other parts.
    ///   - write: Writes the other parts.
    package mutating func add(
        _ parts: Int, _ name: StaticString, for route: RedisRoute, byteCount: Int,
        _ write: (inout PartWriter) -> Void
    ) {
        precondition(isWhole, "a command is begun when the one before has all its parts")
        routes.add(route, command: count, byte: self.byteCount)
        count += 1
        let room = name.utf8CodeUnitCount + byteCount + (parts + 1) * PartWriter.frame
        bytes.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { room in
            var writer = PartWriter(room)
            writer.header(UInt8(ascii: "*"), parts)
            writer.add(name)
            write(&writer)
            precondition(writer.parts == parts, "a command has as many parts as it was begun with")
            return writer.count
        }
    }

    /// Adds a literal.
    package mutating func add(_ text: StaticString) {
        text.withUTF8Buffer { add(UnsafeRawBufferPointer($0)) }
    }

    /// Adds a string as UTF-8.
    package mutating func add(_ text: String) {
        var text = text
        text.withUTF8 { add(UnsafeRawBufferPointer($0)) }
    }

    /// Adds an integer in decimal digits.
    package mutating func add(_ value: Int) {
        addDigits(UInt64(value.magnitude), isNegative: value < 0)
    }

    /// Adds an integer in decimal digits.
    package mutating func add(_ value: UInt64) {
        addDigits(value, isNegative: false)
    }

    /// Adds two integers in decimal digits with a hyphen between them, as ids of entries are written.
    package mutating func add(_ first: UInt64, _ second: UInt64) {
        withUnsafeTemporaryAllocation(byteCount: 2 * PartWriter.frame, alignment: 1) { room in
            var writer = PartWriter(room)
            writer.digits(first)
            writer.byte(UInt8(ascii: "-"))
            writer.digits(second)
            add(UnsafeRawBufferPointer(rebasing: room[..<writer.count]))
        }
    }

    /// Adds bytes as they are.
    package mutating func add(_ part: [UInt8]) {
        part.withUnsafeBytes { add($0) }
    }

    /// Adds bytes as they are; they are copied before this returns.
    package mutating func add(_ part: UnsafeRawBufferPointer) {
        consume(1)
        // Room is reserved once for a part, not once for each of its pieces.
        bytes.writeWithUnsafeMutableBytes(minimumWritableBytes: part.count + PartWriter.frame) { room in
            var writer = PartWriter(room)
            writer.header(UInt8(ascii: "$"), part.count)
            writer.body(part)
            return writer.count
        }
    }

    /// Adds parts that are already encoded.
    mutating func add(encoded parts: ByteBuffer, count: Int) {
        consume(count)
        bytes.writeImmutableBuffer(parts)
    }

    private mutating func addDigits(_ magnitude: UInt64, isNegative: Bool) {
        withUnsafeTemporaryAllocation(byteCount: PartWriter.frame, alignment: 1) { room in
            var writer = PartWriter(room)
            if isNegative { writer.byte(UInt8(ascii: "-")) }
            writer.digits(magnitude)
            add(UnsafeRawBufferPointer(rebasing: room[..<writer.count]))
        }
    }

    private mutating func consume(_ parts: Int) {
        precondition(missingParts >= parts, "a command has no more parts than it was begun with")
        missingParts -= parts
    }
}
