// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Reads replies out of bytes that come piece by piece.
struct PlainReader {
    private var bytes = ByteBuffer()

    mutating func add(_ buffer: ByteBuffer) {
        var buffer = buffer
        bytes.discardReadBytes()
        bytes.writeBuffer(&buffer)
    }

    /// Returns the next reply; `nil` as long as it is not whole.
    mutating func next() -> PlainReply? {
        var rest = bytes
        guard let reply = Self.read(&rest) else { return nil }
        bytes = rest
        return reply
    }

    private static func read(_ bytes: inout ByteBuffer) -> PlainReply? {
        guard let line = line(&bytes), let kind = line.first else { return nil }
        let rest = line.dropFirst()
        let number = Int(rest) ?? 0
        switch kind {
        case "+": return .text(String(rest))
        case "-": return .error(String(rest))
        case ":": return .integer(number)
        case "$":
            if number < 0 { return .null }
            guard let text = bytes.readString(length: number), bytes.readBytes(length: 2) != nil else { return nil }
            return .text(text)
        default:
            if number < 0 { return .null }
            var elements: [PlainReply] = []
            for _ in 0..<number {
                guard let element = read(&bytes) else { return nil }
                elements.append(element)
            }
            return .array(elements)
        }
    }

    private static func line(_ bytes: inout ByteBuffer) -> String? {
        guard let end = bytes.readableBytesView.firstIndex(of: UInt8(ascii: "\r")) else { return nil }
        let length = end - bytes.readerIndex
        guard bytes.readableBytes >= length + 2 else { return nil }
        defer { bytes.moveReaderIndex(forwardBy: 2) }
        return bytes.readString(length: length)
    }
}
