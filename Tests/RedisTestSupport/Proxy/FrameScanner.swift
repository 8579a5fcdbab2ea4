// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Finds where values of RESP2 end, without reading what they say.
enum FrameScanner {
    /// Takes the first whole value of a buffer; `nil` while its end has not come.
    static func takeFrame(from buffer: inout ByteBuffer) -> ByteBuffer? {
        let bytes = buffer.readableBytesView
        guard let end = end(of: bytes, from: bytes.startIndex) else { return nil }
        return buffer.readSlice(length: end - bytes.startIndex)
    }

    private static func end(of bytes: ByteBufferView, from start: Int) -> Int? {
        guard let (line, next) = line(of: bytes, from: start), let type = line.first else { return nil }
        let length = Int(String(decoding: line.dropFirst(), as: UTF8.self)) ?? 0
        switch type {
        case UInt8(ascii: "$"):
            let end = length < 0 ? next : next + length + 2
            return end <= bytes.endIndex ? end : nil
        case UInt8(ascii: "*"):
            var position = next
            for _ in 0..<max(length, 0) {
                guard let end = self.end(of: bytes, from: position) else { return nil }
                position = end
            }
            return position
        default: return next
        }
    }

    /// A line without its end, and where the next one begins.
    private static func line(of bytes: ByteBufferView, from start: Int) -> (line: ByteBufferView, next: Int)? {
        guard start < bytes.endIndex, let end = bytes[start...].firstIndex(of: 13), end + 1 < bytes.endIndex else {
            return nil
        }
        return (bytes[start..<end], end + 2)
    }
}
