// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Commands that are sent together, encoded as they are added; each is answered by one reply, in order.
///
/// A command is begun with its number of parts, then each part is added:
///
///     commands.begin(3, "XACK")
///     commands.add("orders")
///     commands.add("billing")
package struct RedisCommands: Sendable {
    /// How many commands were begun.
    package private(set) var count = 0
    private(set) var bytes: ByteBuffer
    private var missingParts = 0

    /// Makes an empty batch with room for `capacity` bytes.
    package init(capacity: Int = 256) {
        bytes = ByteBufferAllocator().buffer(capacity: capacity)
    }

    /// Makes a batch of one command whose parts are texts.
    package init(_ name: StaticString, _ arguments: String...) {
        self.init()
        begin(arguments.count + 1, name)
        for argument in arguments { add(argument) }
    }

    /// How many bytes they are on the wire.
    package var byteCount: Int { bytes.readableBytes }

    /// Whether the last command has all its parts.
    var isWhole: Bool { missingParts == 0 }

    /// Begins a command of `parts` parts, its name included.
    package mutating func begin(_ parts: Int, _ name: StaticString) {
        precondition(isWhole && parts > 0, "a command is begun when the one before has all its parts")
        count += 1
        missingParts = parts
        bytes.writeHeader("*", parts)
        add(name)
    }

    /// Adds a literal.
    package mutating func add(_ text: StaticString) {
        beginPart(text.utf8CodeUnitCount)
        bytes.writeStaticString(text)
        bytes.writeStaticString("\r\n")
    }

    /// Adds a text as UTF-8.
    package mutating func add(_ text: some StringProtocol) {
        beginPart(text.utf8.count)
        bytes.writeBytes(text.utf8)
        bytes.writeStaticString("\r\n")
    }

    /// Adds an integer in decimal digits.
    package mutating func add(_ value: some FixedWidthInteger) {
        withDecimalDigits(value) { digits in
            beginPart(digits.count)
            bytes.writeBytes(digits)
        }
        bytes.writeStaticString("\r\n")
    }

    /// Adds bytes as they are.
    package mutating func add(_ part: [UInt8]) {
        part.withUnsafeBytes { add($0) }
    }

    /// Adds bytes as they are; they are copied before this returns.
    package mutating func add(_ part: UnsafeRawBufferPointer) {
        beginPart(part.count)
        bytes.writeBytes(part)
        bytes.writeStaticString("\r\n")
    }

    /// Adds parts that were encoded before.
    mutating func add(encoded parts: ByteBuffer, count: Int) {
        precondition(missingParts >= count, "a command has no more parts than it was begun with")
        missingParts -= count
        bytes.writeImmutableBuffer(parts)
    }

    private mutating func beginPart(_ length: Int) {
        precondition(missingParts > 0, "a command has no more parts than it was begun with")
        missingParts -= 1
        bytes.writeHeader("$", length)
    }
}

extension ByteBuffer {
    /// Writes what begins an array or a text: the type, the count and a line end.
    fileprivate mutating func writeHeader(_ type: StaticString, _ count: Int) {
        writeStaticString(type)
        withDecimalDigits(count) { _ = writeBytes($0) }
        writeStaticString("\r\n")
    }
}

/// Calls `body` with the decimal digits of `value`, a minus before those of a negative one; allocates nothing.
private func withDecimalDigits(_ value: some FixedWidthInteger, _ body: (UnsafeRawBufferPointer) -> Void) {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 41) { digits in
        var start = digits.count
        var rest = value.magnitude
        repeat {
            start -= 1
            digits[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
        if value < 0 {
            start -= 1
            digits[start] = UInt8(ascii: "-")
        }
        body(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(digits)[start...]))
    }
}
