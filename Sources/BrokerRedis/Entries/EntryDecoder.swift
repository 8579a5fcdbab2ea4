// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore
package import RedisWire

/// Entries as messages, whoever wrote them: no field is ever an error.
///
/// Payload and headers are windows on the bytes of the reply. Of several `data` fields the first is the payload, of
/// several `sb-key` fields the first is the ordering key; what remains are headers.
package enum EntryDecoder {
    /// Reads `[id, [name, value, …]]`; `nil` for anything else, and for an entry whose body is gone.
    package static func entry(_ reply: RedisReply) -> StoredMessage? {
        var cursor = ReplyCursor(reply)
        return entry(&cursor)
    }

    /// Reads the entry that is next and passes over it, whatever it is.
    package static func entry(_ cursor: inout ReplyCursor) -> StoredMessage? {
        guard let entry = cursor.enter() else { return nil }
        defer { cursor.leave(entry) }
        guard entry.count >= 2, let place = cursor.text(), let fields = cursor.enter() else { return nil }
        guard let id = cursor.storage.withUnsafeBytes({ id(UnsafeRawBufferPointer(rebasing: $0[place])) }) else {
            return nil
        }
        return StoredMessage(id: id, message: message(fields.count, &cursor))
    }

    /// Reads the id of an entry.
    package static func id(_ reply: RedisReply) -> MessageID? {
        reply.withUnsafeBytes { id($0) }
    }

    /// Reads names and values in turn.
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
