// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore
package import RedisWire

/// Makes messages of entries, also of entries that other programs wrote: no field is ever an error.
///
/// Payload and headers are windows on the bytes of the reply. The first `data` field is the payload, the first `sb-key`
/// field is the ordering key, all other fields are headers.
package enum EntryDecoder {
    /// Reads `[id, [name, value, …]]`; returns `nil` for anything else, and for an entry whose body is gone.
    package static func entry(_ reply: RedisReply) -> StoredMessage? {
        var cursor = ReplyCursor(reply)
        return entry(&cursor)
    }

    /// Reads the entry that is next, and skips it in any case.
    package static func entry(_ cursor: inout ReplyCursor) -> StoredMessage? {
        guard let entry = cursor.enter() else { return nil }
        defer { cursor.leave(entry) }
        guard entry.count >= 2, let place = cursor.text(), let fields = cursor.enter() else { return nil }
        guard let id = cursor.storage.withUnsafeBytes({ id(UnsafeRawBufferPointer(rebasing: $0[place])) }) else {
            return nil
        }
        return StoredMessage(id: id, message: message(fields.count, &cursor))
    }

    /// Reads the id of an entry; returns `nil` for anything else.
    package static func id(_ reply: RedisReply) -> MessageID? {
        reply.withUnsafeBytes { id($0) }
    }

    /// Reads names and values, which alternate.
    package static func message(_ fields: RedisReplies) -> Message {
        var cursor = ReplyCursor(fields)
        return message(fields.count, &cursor)
    }

    private static func message(_ values: Int, _ cursor: inout ReplyCursor) -> Message {
        var reader = FieldReader(cursor.storage)
        for _ in 0..<values / 2 {
            let (name, value) = (cursor.text(), cursor.text())
            if let name, let value { reader.take(name, value) }
        }
        return reader.message
    }

    private static func id(_ bytes: UnsafeRawBufferPointer) -> MessageID? {
        var milliseconds: UInt64 = 0
        var position = 0
        guard number(bytes, &position, &milliseconds), position < bytes.count, bytes[position] == UInt8(ascii: "-")
        else { return nil }
        position += 1
        var sequence: UInt64 = 0
        guard number(bytes, &position, &sequence), position == bytes.count else { return nil }
        return MessageID(milliseconds: milliseconds, sequence: sequence)
    }

    private static func number(_ bytes: UnsafeRawBufferPointer, _ position: inout Int, _ value: inout UInt64) -> Bool {
        let start = position
        while position < bytes.count {
            let digit = bytes[position] &- UInt8(ascii: "0")
            guard digit <= 9 else { break }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(digit))
            if overflow || carry { return false }
            value = sum
            position += 1
        }
        return position > start
    }
}

/// Collects the fields of one entry in a message.
struct FieldReader {
    private let storage: [UInt8]
    private var payload: Payload?
    private var key: String?
    private var headers: [Headers.Header] = []

    /// Begins an entry whose fields are windows of `storage`.
    init(_ storage: [UInt8]) {
        self.storage = storage
    }

    /// The message with the fields so far.
    var message: Message {
        var message = Message(key: key, headers: headers.isEmpty ? [:] : Headers(headers))
        guard let payload else { return message }
        message.payload = payload
        message.hasPayload = true
        return message
    }

    /// Takes one field: the windows of its name and its value.
    mutating func take(_ name: Range<Int>, _ window: Range<Int>) {
        if payload == nil, isSame(name, "data") {
            payload = Payload(storage: storage, window: window)
        } else if key == nil, isSame(name, "sb-key") {
            key = String(decoding: storage[window], as: UTF8.self)
        } else if isSame(name, "sb-fields") {
            unpack(window)
        } else if !isSame(name, "sb-nothing") {
            let text = String(decoding: storage[name], as: UTF8.self)
            headers.append(Headers.Header(name: text, value: Payload(storage: storage, window: window)))
        }
    }

    /// Takes the fields that a dead letter with very many fields has in one: `4:name5:value…`. A field of this name
    /// with another content is a header.
    private mutating func unpack(_ window: Range<Int>) {
        var parts: [Range<Int>] = []
        var position = window.lowerBound
        while position < window.upperBound {
            guard let part = part(position..<window.upperBound) else { break }
            parts.append(part)
            position = part.upperBound
        }
        guard position == window.upperBound, parts.count % 2 == 0 else {
            headers.append(Headers.Header(name: "sb-fields", value: Payload(storage: storage, window: window)))
            return
        }
        for index in stride(from: 0, to: parts.count, by: 2) {
            let name = String(decoding: storage[parts[index]], as: UTF8.self)
            headers.append(Headers.Header(name: name, value: Payload(storage: storage, window: parts[index + 1])))
        }
    }

    /// Returns the part that begins here with its length and a colon.
    private func part(_ rest: Range<Int>) -> Range<Int>? {
        guard let colon = storage[rest].prefix(12).firstIndex(of: UInt8(ascii: ":")) else { return nil }
        let digits = storage[rest.lowerBound..<colon]
        guard digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let length = Int(String(decoding: digits, as: UTF8.self)), length <= rest.upperBound - colon - 1
        else { return nil }
        return colon + 1..<colon + 1 + length
    }

    @inline(__always)
    private func isSame(_ name: Range<Int>, _ text: StaticString) -> Bool {
        guard name.count == text.utf8CodeUnitCount else { return false }
        return storage.withUnsafeBufferPointer { bytes in
            text.withUTF8Buffer { $0.elementsEqual(bytes[name]) }
        }
    }
}
