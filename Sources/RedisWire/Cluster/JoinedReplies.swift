// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Puts the replies of several nodes on one tape, and errors of ours in the places of replies that there are none of.
struct JoinedReplies {
    private var tokens: [ReplyToken] = []
    private var bytes: [UInt8] = []
    private var failures: [Int: RedisError] = [:]
    private var count = 0

    /// Returns everything that was added, in order.
    func replies() -> RedisReplies {
        RedisReplies(tape: ReplyTape(tokens: tokens, bytes: bytes, failures: failures), first: 0, count: count)
    }

    /// Adds a reply.
    mutating func add(_ reply: RedisReply) {
        count += 1
        copy(reply)
    }

    /// Adds one array with the elements of several.
    mutating func add(elementsOf arrays: [RedisReply]) {
        count += 1
        let start = tokens.count
        let size = arrays.reduce(0) { $0 + $1.elements.count }
        tokens.append(ReplyToken(value: 0, count: Int32(size), end: 0, kind: .array))
        for array in arrays { for element in array.elements { copy(element) } }
        tokens[start].end = Int32(tokens.count)
    }

    /// Adds an error in the place of a reply that did not come.
    mutating func add(_ error: RedisError) {
        count += 1
        let text = Array(error.message.utf8)
        failures[tokens.count] = error
        tokens.append(
            ReplyToken(value: bytes.count, count: Int32(text.count), end: Int32(tokens.count + 1), kind: .error))
        bytes += text
    }

    private mutating func copy(_ reply: RedisReply) {
        let source = reply.tape.tokens
        let shift = Int32(tokens.count - reply.index)
        for index in reply.index..<Int(source[reply.index].end) {
            var token = source[index]
            token.end += shift
            switch token.kind {
            case .text, .status, .error:
                let start = bytes.count
                bytes += reply.tape.bytes[token.value..<token.value + Int(token.count)]
                token.value = start
                failures[tokens.count] = reply.tape.failures[index]
            case .integer, .array, .null: break
            }
            tokens.append(token)
        }
    }
}
