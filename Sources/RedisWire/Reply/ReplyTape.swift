// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// What a batch was answered, flat: one token for each value, in the order of the wire, over one arena of bytes.
///
/// A reply of a thousand entries is two arrays, not ten thousand objects. It never changes once it has been taken.
final class ReplyTape: Sendable {
    let tokens: [ReplyToken]
    let bytes: [UInt8]

    init(tokens: [ReplyToken], bytes: [UInt8]) {
        self.tokens = tokens
        self.bytes = bytes
    }
}

/// One value of a tape.
struct ReplyToken: Sendable {
    /// An integer's value; where a text begins in the arena.
    var value: Int
    /// How many bytes a text has, or elements an array.
    var count: Int32
    /// Where the next value of the same array begins: behind this one and everything inside it.
    var end: Int32
    var kind: RedisReply.Kind
}
