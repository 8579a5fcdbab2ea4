// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Finds commands and their parts in bytes that ``RedisCommands`` has encoded.
struct CommandFrames {
    private var rest: ByteBuffer

    init(_ bytes: ByteBuffer) {
        rest = bytes
    }

    /// Returns the bytes of each command.
    static func commands(in bytes: ByteBuffer) -> [ByteBuffer] {
        var frames = CommandFrames(bytes)
        var commands: [ByteBuffer] = []
        while let command = frames.nextCommand() { commands.append(command) }
        return commands
    }

    /// Returns the parts of one command, its name first.
    static func parts(of command: ByteBuffer) -> [ByteBuffer] {
        var frames = CommandFrames(command)
        let count = frames.header() ?? 0
        return (0..<count).compactMap { _ in frames.nextPart() }
    }

    private mutating func nextCommand() -> ByteBuffer? {
        let start = rest
        guard let count = header() else { return nil }
        for _ in 0..<count { _ = nextPart() }
        return start.getSlice(at: start.readerIndex, length: start.readableBytes - rest.readableBytes)
    }

    private mutating func nextPart() -> ByteBuffer? {
        guard let length = header(), let part = rest.readSlice(length: length) else { return nil }
        rest.moveReaderIndex(forwardBy: min(2, rest.readableBytes))
        return part
    }

    /// Reads a type, a number and a line end.
    private mutating func header() -> Int? {
        guard rest.readableBytes > 3 else { return nil }
        rest.moveReaderIndex(forwardBy: 1)
        var number = 0
        while let digit: UInt8 = rest.readInteger(), digit != 13 { number = number * 10 + Int(digit &- 0x30) }
        rest.moveReaderIndex(forwardBy: min(1, rest.readableBytes))
        return number
    }
}

extension ByteBuffer {
    /// One command without arguments, encoded.
    static func command(_ name: StaticString) -> ByteBuffer {
        var commands = RedisCommands(capacity: 32)
        commands.begin(1, name, for: .anyNode)
        return commands.bytes
    }

    static let asking = command("ASKING")
    static let multi = command("MULTI")
    static let exec = command("EXEC")
}
