// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Writes the parts of a command, front to back, into a buffer of its caller.
package struct PartWriter {
    /// The room that a part needs beside its body: a type, twenty digits, two line ends.
    package static let frame = 25

    private let room: UnsafeMutableRawBufferPointer
    /// The number of bytes that were written.
    private(set) var count = 0
    /// The number of parts that were written.
    private(set) var parts = 0

    init(_ room: UnsafeMutableRawBufferPointer) {
        self.room = room
    }

    /// Writes a literal.
    package mutating func add(_ text: StaticString) {
        text.withUTF8Buffer { add(UnsafeRawBufferPointer($0)) }
    }

    /// Writes a string as UTF-8.
    package mutating func add(_ text: String) {
        var text = text
        text.withUTF8 { add(UnsafeRawBufferPointer($0)) }
    }

    /// Writes an integer in decimal digits.
    package mutating func add(_ value: Int) {
        withUnsafeTemporaryAllocation(byteCount: Self.frame, alignment: 1) { room in
            var writer = PartWriter(room)
            writer.number(value)
            add(UnsafeRawBufferPointer(rebasing: room[..<writer.count]))
        }
    }

    /// Writes bytes as they are.
    package mutating func add(_ part: UnsafeRawBufferPointer) {
        precondition(part.count + Self.frame <= room.count - count, "a command has the room that it was given")
        header(UInt8(ascii: "$"), part.count)
        body(part)
        parts += 1
    }

    /// Writes the beginning of a command or a part: the type, the number and a line end.
    mutating func header(_ type: UInt8, _ number: Int) {
        byte(type)
        digits(UInt64(number))
        lineEnd()
    }

    /// Writes the bytes of a part and a line end.
    mutating func body(_ part: UnsafeRawBufferPointer) {
        UnsafeMutableRawBufferPointer(rebasing: room[count...]).copyMemory(from: part)
        count += part.count
        lineEnd()
    }

    /// Writes a number in decimal digits, with its sign.
    mutating func number(_ value: Int) {
        if value < 0 { byte(UInt8(ascii: "-")) }
        digits(UInt64(value.magnitude))
    }

    /// Writes a number in decimal digits.
    mutating func digits(_ number: UInt64) {
        var length = 1
        var rest = number / 10
        while rest > 0 {
            length += 1
            rest /= 10
        }
        rest = number
        for position in stride(from: count + length - 1, through: count, by: -1) {
            room[position] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        count += length
    }

    /// Writes one byte.
    mutating func byte(_ byte: UInt8) {
        room[count] = byte
        count += 1
    }

    private mutating func lineEnd() {
        byte(13)
        byte(10)
    }
}
