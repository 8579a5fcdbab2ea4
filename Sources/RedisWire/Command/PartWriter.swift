// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Writes one part of a command, front to back, into room that its caller has made for it.
struct PartWriter {
    /// The most that a part needs beside its body: a type, twenty digits, two line ends.
    static let frame = 25

    private let room: UnsafeMutableRawBufferPointer
    /// How many bytes were written.
    private(set) var count = 0

    init(_ room: UnsafeMutableRawBufferPointer) {
        self.room = room
    }

    /// Writes what begins a command or a part: the type, the number and a line end.
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
