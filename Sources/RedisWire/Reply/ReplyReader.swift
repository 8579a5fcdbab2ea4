// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import CHiredis

/// The border to hiredis: takes bytes as they come and writes whole replies on a tape. RESP2 only.
///
/// Ownership: this object owns the reader of C and the builder, and frees both; the reader's `privdata` is the builder,
/// used only inside ``read(_:onReply:)``. The builder is behind a pointer because it is called for each value: as a
/// property it would be retained and checked for exclusive access every time. Only one thread at a time may use the
/// object: its channel's event loop. The bounds of ``ReplyLimits`` are checked here or in the builder, whatever hiredis
/// would accept.
package final class ReplyReader {
    /// hiredis moves the rest of its buffer at each reply, so a feed of a megabyte costs thirty times as much.
    package static let largestFeed = 16 << 10

    private let reader: UnsafeMutablePointer<redisReader>
    private let limits: ReplyLimits
    private let builder: UnsafeMutablePointer<TapeBuilder>
    /// The size of the largest feed, for the tests.
    package private(set) var largestFeedSeen = 0

    /// Makes a reader; fails only if there is no memory.
    package init?(limits: ReplyLimits) {
        guard let reader = redisReaderCreateWithFunctions(ReplyFunctions.shared) else { return nil }
        self.reader = reader
        self.limits = limits
        builder = .allocate(capacity: 1)
        builder.initialize(to: TapeBuilder(limits: limits))
        // hiredis frees an empty buffer that is larger than this; smaller ones are used again.
        reader.pointee.maxbuf = 1 << 20
        reader.pointee.privdata = UnsafeMutableRawPointer(builder)
    }

    deinit {
        redisReaderFree(reader)
        builder.deinitialize(count: 1)
        builder.deallocate()
    }

    /// Takes bytes and calls `onReply` after each whole reply, which ``take(_:)`` returns.
    ///
    /// - Throws: why the bytes were refused; then the reader is of no use any more.
    package func read(_ bytes: UnsafeRawBufferPointer, onReply: () throws(ReplyRefusal) -> Void) throws(ReplyRefusal) {
        var start = 0
        while start < bytes.count {
            let end = min(start + Self.largestFeed, bytes.count)
            try feed(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
            while try next() { try onReply() }
            try refuseWhatIsTooLong()
            start = end
        }
    }

    /// Returns the `count` replies that were read since the last call.
    package func take(_ count: Int) -> RedisReplies {
        RedisReplies(tape: builder.pointee.take(), first: 0, count: count)
    }

    private func feed(_ slice: UnsafeRawBufferPointer) throws(ReplyRefusal) {
        largestFeedSeen = max(largestFeedSeen, slice.count)
        let characters = slice.assumingMemoryBound(to: CChar.self).baseAddress
        guard redisReaderFeed(reader, characters, slice.count) == REDIS_OK else {
            throw ReplyRefusal(reason: "no memory for the reply")
        }
    }

    /// Goes on parsing; returns whether a reply is whole.
    private func next() throws(ReplyRefusal) -> Bool {
        var reply: UnsafeMutableRawPointer?
        let status = redisReaderGetReply(reader, &reply)
        if let refusal = builder.pointee.refusal { throw ReplyRefusal(reason: "\(refusal)") }
        guard status == REDIS_OK else { throw ReplyRefusal(reason: "bytes that are no RESP2") }
        guard reply != nil else { return false }
        // hiredis 1.x parses types of RESP3 for which there is no callback; they would be missing on the tape.
        guard builder.pointee.isComplete else { throw ReplyRefusal(reason: "a type of RESP3") }
        return true
    }

    /// Checks the value that hiredis could not parse yet: its length is known before it has come.
    private func refuseWhatIsTooLong() throws(ReplyRefusal) {
        guard let buffer = reader.pointee.buf, reader.pointee.pos < reader.pointee.len else { return }
        let start = Int(reader.pointee.pos)
        let rest = UnsafeRawBufferPointer(start: buffer + start, count: Int(reader.pointee.len) - start)
        if let announced = UnfinishedValue.announcedLength(rest) {
            if announced > limits.textBytes { throw ReplyRefusal(reason: "a text of \(announced) bytes") }
        } else if rest.count > limits.lineBytes + 1 {
            // The line, and half of its end.
            throw ReplyRefusal(reason: "a line of more than \(limits.lineBytes) bytes")
        }
    }
}

/// The functions that hiredis calls for each value. All readers share them; they are never freed.
private enum ReplyFunctions {
    /// Written once, before the first reader exists, then only read.
    nonisolated(unsafe) static let shared: UnsafeMutablePointer<redisReplyObjectFunctions> = {
        let functions = UnsafeMutablePointer<redisReplyObjectFunctions>.allocate(capacity: 1)
        // Field by field: hiredis 1.x has more fields, in another order, and another type of count.
        functions.initialize(to: redisReplyObjectFunctions())
        functions.pointee.createString = { task, text, count in
            record(task) { $0.write(kind(of: task), text, Int(count)) }
        }
        functions.pointee.createArray = { task, count in
            record(task) { kind(of: task) == .array ? $0.array(Int(count)) : $0.refuse("a type of RESP3") }
        }
        functions.pointee.createInteger = { task, value in record(task) { $0.integer(value) } }
        functions.pointee.createNil = { task in record(task) { $0.null() } }
        functions.pointee.freeObject = { _ in }
        return functions
    }()

    /// Returns a pointer that hiredis takes for an object, or null, which stops the reader.
    private static func record(
        _ task: UnsafePointer<redisReadTask>?, _ write: (inout TapeBuilder) -> Bool
    ) -> UnsafeMutableRawPointer? {
        guard let context = task?.pointee.privdata else { return nil }
        return write(&context.assumingMemoryBound(to: TapeBuilder.self).pointee) ? context : nil
    }

    private static func kind(of task: UnsafePointer<redisReadTask>?) -> RedisReply.Kind {
        switch task?.pointee.type {
        case REDIS_REPLY_STATUS: .status
        case REDIS_REPLY_ERROR: .error
        case REDIS_REPLY_ARRAY: .array
        case REDIS_REPLY_STRING: .text
        default: .null
        }
    }
}

extension TapeBuilder {
    /// Adds a text. hiredis skips the two bytes behind it, which are in its buffer, without looking at them.
    fileprivate mutating func write(_ kind: RedisReply.Kind, _ text: UnsafeMutablePointer<CChar>?, _ count: Int) -> Bool
    {
        guard let text, kind != .null else { return refuse("a type of RESP3") }
        if kind == .text, text[count] != 13 || text[count + 1] != 10 { return refuse("a text of another length") }
        return self.text(kind, UnsafeRawBufferPointer(start: text, count: count))
    }
}

/// What the beginning of an incomplete value tells about the rest.
enum UnfinishedValue {
    /// Returns the length that a text announces: digits and a line end. Every other kind of value ends with its line,
    /// so digits alone tell nothing: `1700000000000\r` may be an integer that lacks a byte.
    ///
    /// - Parameter rest: The bytes behind the type byte, which hiredis has taken already.
    static func announcedLength(_ rest: UnsafeRawBufferPointer) -> Int? {
        var length = 0
        for (position, byte) in rest.prefix(22).enumerated() {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                let (product, overflow) = length.multipliedReportingOverflow(by: 10)
                length = overflow ? .max : product.addingSaturating(Int(byte - UInt8(ascii: "0")))
            case UInt8(ascii: "\r"):
                let isWhole = position + 1 < rest.count && rest[position + 1] == UInt8(ascii: "\n")
                return position > 0 && isWhole ? length : nil
            default:
                return nil
            }
        }
        return nil
    }
}

extension Int {
    fileprivate func addingSaturating(_ other: Int) -> Int {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}

/// How much of a server's replies is held in memory before its connection is given up.
package struct ReplyLimits: Sendable {
    /// The longest text, in bytes; default 512 MiB, the protocol's own bound.
    package var textBytes = 512 << 20
    /// The longest array; default 16,777,216 elements.
    package var elements = 1 << 24
    /// The greatest size of the replies to one batch in memory, in bytes; default 1 GiB.
    package var batchBytes = 1 << 30
    /// The longest line (a status, an error, a length), in bytes; default 64 KiB.
    package var lineBytes = 64 << 10
    /// How deep arrays may nest: as deep as hiredis 0.14 can parse, a third more than the deepest reply that we need.
    package static let depth = 8

    /// Makes the default limits.
    package init() {}
}

/// Why bytes of a server were refused; its connection is of no use any more.
package struct ReplyRefusal: Error {
    /// What was wrong with them.
    package let reason: String
}
