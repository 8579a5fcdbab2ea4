// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// XREAD or XREADGROUP of several streams, which is divided by the slots of their keys.
struct StreamRead {
    private let options: [ByteBuffer]
    private let keys: [ByteBuffer]
    private let ids: [ByteBuffer]

    /// Reads a command; `nil` if it is none of the two.
    init?(_ command: ByteBuffer) {
        let parts = CommandFrames.parts(of: command)
        guard let name = parts.first, ["XREADGROUP", "XREAD"].contains(String(buffer: name)),
            let mark = parts.firstIndex(where: { String(buffer: $0) == "STREAMS" })
        else { return nil }
        let names = parts[(mark + 1)...]
        guard names.count.isMultiple(of: 2), !names.isEmpty else { return nil }
        options = Array(parts[...mark])
        keys = Array(names.prefix(names.count / 2))
        ids = Array(names.suffix(names.count / 2))
    }

    /// Returns a read for each slot, in the order of the keys.
    func bySlot() -> [(slot: Int, bytes: ByteBuffer)] {
        var slots: [Int] = []
        var places: [Int: [Int]] = [:]
        for (index, key) in keys.enumerated() {
            let slot = RedisSlot(of: String(buffer: key)).number
            if places[slot] == nil { slots.append(slot) }
            places[slot, default: []].append(index)
        }
        return slots.map { slot in (slot, bytes(of: places[slot] ?? [])) }
    }

    private func bytes(of indices: [Int]) -> ByteBuffer {
        let parts = options + indices.map { keys[$0] } + indices.map { ids[$0] }
        var bytes = ByteBuffer()
        bytes.writeString("*\(parts.count)\r\n")
        for part in parts {
            bytes.writeString("$\(part.readableBytes)\r\n")
            bytes.writeImmutableBuffer(part)
            bytes.writeString("\r\n")
        }
        return bytes
    }
}
