// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import RedisWire
import Testing

/// Reads bytes in chunks of a size and returns what was read, each reply as text.
func read(_ bytes: [UInt8], chunk: Int? = nil, limits: ReplyLimits = ReplyLimits()) throws -> [String] {
    let reader = try #require(ReplyReader(limits: limits))
    var texts: [String] = []
    for start in stride(from: 0, to: bytes.count, by: max(1, chunk ?? bytes.count)) {
        let part = bytes[start..<min(start + (chunk ?? bytes.count), bytes.count)]
        try feed(Array(part), to: reader) { texts.append(text(of: $0)) }
    }
    return texts
}

func read(_ text: String, chunk: Int? = nil, limits: ReplyLimits = ReplyLimits()) throws -> [String] {
    try read(Array(text.utf8), chunk: chunk, limits: limits)
}

/// Feeds bytes to a reader and hands on each reply alone.
func feed(_ bytes: [UInt8], to reader: ReplyReader, _ take: (RedisReply) -> Void) throws {
    try bytes.withUnsafeBytes { bytes in
        try reader.read(bytes) { () throws(ReplyRefusal) in
            for reply in reader.take(1) { take(reply) }
        }
    }
}

/// Writes a reply so that every value and every border shows: `["a" 1 nil]`.
func text(of reply: RedisReply) -> String {
    switch reply.kind {
    case .status: "+\(reply.string ?? "?")"
    case .error: "-\(reply.string ?? "?")"
    case .integer: "\(reply.integer ?? 0)"
    case .text: "\"\(reply.string ?? "?")\""
    case .null: "nil"
    case .array: "[\(reply.elements.map(text).joined(separator: " "))]"
    }
}

/// A generator of numbers that are the same in every run.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ (state >> 29)
    }
}
