// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import CHiredis

/// The border to hiredis: takes bytes as they come and writes whole replies on a tape.
///
/// Ownership: the reader of C and the builder belong to this object, which frees both; the reader's `privdata` is the
/// builder, used only inside ``read(_:onReply:)``. The builder is behind a pointer because it is called for each value:
/// as a property it would be retained and checked for exclusive access every time. Only one thread at a time may use
/// the object: its channel's event loop.
/// RESP2 only. Every bound of ``ReplyLimits`` is held here or in the builder, whatever hiredis would have taken.
package final class ReplyReader {
    /// hiredis moves what is left of its buffer at each reply, so a feed of a megabyte costs thirty times this one.
    package static let largestFeed = 16 << 10

    private let reader: UnsafeMutablePointer<redisReader>
    private let limits: ReplyLimits
    private let builder: UnsafeMutablePointer<TapeBuilder>
    /// How many bytes each feed had at most, for the tests.
    package private(set) var largestFeedSeen = 0

    /// Makes a reader; fails only when there is no memory.
    package init?(limits: ReplyLimits) {
        guard let reader = redisReaderCreateWithFunctions(ReplyFunctions.shared) else { return nil }
        self.reader = reader
        self.limits = limits
        builder = .allocate(capacity: 1)
        builder.initialize(to: TapeBuilder(limits: limits))
        // Above this size an empty buffer is given back; a connection that is read again and again keeps its buffer.
        reader.pointee.maxbuf = 1 << 20
        reader.pointee.privdata = UnsafeMutableRawPointer(builder)
    }

    deinit {
        redisReaderFree(reader)
        builder.deinitialize(count: 1)
        builder.deallocate()
    }

    /// Takes bytes and calls `onReply` after each whole reply; what has been written so far is had by ``take()``.
    ///
    /// After it has thrown, the reader is of no use any more.
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

    /// Hands over the `count` replies read since the last time.
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

    /// Parses on; true when a reply is whole.
    private func next() throws(ReplyRefusal) -> Bool {
        var reply: UnsafeMutableRawPointer?
        let status = redisReaderGetReply(reader, &reply)
        if let refusal = builder.pointee.refusal { throw ReplyRefusal(reason: "\(refusal)") }
        guard status == REDIS_OK else { throw ReplyRefusal(reason: "bytes that are no RESP2") }
        guard reply != nil else { return false }
        // hiredis 1.x parses types of RESP3 for which no callback is set; they would leave a hole on the tape.
        guard builder.pointee.isComplete else { throw ReplyRefusal(reason: "a type of RESP3") }
        return true
    }

    /// Looks at what hiredis could not parse yet: how long it will be is known before it has come.
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

/// What hiredis calls for each value, shared by all readers and never freed.
private enum ReplyFunctions {
    /// Written once, before the first reader exists, and only read afterwards.
    nonisolated(unsafe) static let shared: UnsafeMutablePointer<redisReplyObjectFunctions> = {
        let functions = UnsafeMutablePointer<redisReplyObjectFunctions>.allocate(capacity: 1)
        // Field by field: hiredis 1.x has more of them, in another order, and takes another type of count.
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

    /// Returns what hiredis takes for an object, or null, by which the reader stops.
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
    /// Adds what hiredis found. It skips the two bytes behind a text, which are in its buffer, without looking at them.
    fileprivate mutating func write(_ kind: RedisReply.Kind, _ text: UnsafeMutablePointer<CChar>?, _ count: Int) -> Bool
    {
        guard let text, kind != .null else { return refuse("a type of RESP3") }
        if kind == .text, text[count] != 13 || text[count + 1] != 10 { return refuse("a text of another length") }
        return self.text(kind, UnsafeRawBufferPointer(start: text, count: count))
    }
}

/// What the beginning of a value that has not come whole says about the rest.
enum UnfinishedValue {
    /// The length that a text announces: digits and a line end. Every other kind of value is whole with its line end,
    /// so digits alone tell nothing: `1700000000000\r` may be an integer that lacks a byte.
    ///
    /// `rest` begins behind the type byte, which hiredis has taken already.
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

/// What a server may make us hold before its connection is given up.
package struct ReplyLimits: Sendable {
    /// The longest text, in bytes; default 512 MiB, the protocol's own bound.
    package var textBytes = 512 << 20
    /// The longest array; default 16,777,216 elements.
    package var elements = 1 << 24
    /// The most that the replies of one batch may take in memory, in bytes; default 1 GiB.
    package var batchBytes = 1 << 30
    /// The longest line (a status, an error, a length), in bytes; default 64 KiB.
    package var lineBytes = 64 << 10
    /// How deep arrays may nest: what hiredis 0.14 can parse, and a third more than the deepest reply we ask for.
    package static let depth = 8

    /// Makes the default limits.
    package init() {}
}

/// Why a server's bytes were refused; the connection that sent them is of no use any more.
package struct ReplyRefusal: Error {
    /// What was wrong with them.
    package let reason: String
}
