// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore
import BrokerRedis
package import BrokerTestKit
package import RedisWire

/// Entries of a stream, whoever wrote them: no field is ever an error, and what is stored again is the same message.
package struct EntryTarget: FuzzTarget {
    private let decode: @Sendable (RedisReply) -> StoredMessage?

    /// Makes a target; a test may plant a decoder with a mistake.
    package init(decode: @escaping @Sendable (RedisReply) -> StoredMessage? = { EntryDecoder.entry($0) }) {
        self.decode = decode
    }

    package let name = "entry"
    package let words = [
        "*2\r\n", "$3\r\n1-1\r\n", "$4\r\ndata\r\n", "$6\r\nsb-key\r\n", "$9\r\nsb-fields\r\n", "$10\r\nsb-nothing\r\n",
        "$12\r\n1:a1:b2:cc0:\r\n", "$22\r\n18446744073709551615-0\r\n", "$22\r\n18446744073709551616-0\r\n", "$-1\r\n",
        ":1\r\n", "*-1\r\n", "*0\r\n", "99:", "0:", "-",
    ]

    package func makeInput(using random: inout SeededGenerator) -> [UInt8] {
        let message = MessageDraw.message(using: &random)
        var values = Self.values(of: message)
        if Int.random(in: 0..<3, using: &random) == 0 {
            let packed = message.headers.map { "\($0.name.utf8.count):\($0.name)\($0.value.count):" }
            let parts = zip(packed, message.headers).flatMap { Array($0.utf8) + $1.value.bytes }
            values += [Array("sb-fields".utf8), parts]
        }
        let id = "\(UInt64.random(in: 0 ... .max, using: &random))-\(Int.random(in: 0...9, using: &random))"
        return Array("*2\r\n".utf8) + ReplyTarget.text(Array(id.utf8)) + Array("*\(values.count)\r\n".utf8)
            + values.flatMap(ReplyTarget.text)
    }

    package func check(_ input: [UInt8]) throws(FuzzFinding) -> String {
        guard let reader = ReplyReader(limits: ReplyLimits()) else { return "no memory" }
        let replies = Self.replies(of: input, reader)
        var shape = ""
        for reply in replies {
            shape += try check(entry: reply, bytes: input.count)
            for element in reply.elements { shape += try check(entry: element, bytes: input.count) }
        }
        return String(shape.prefix(40))
    }

    private func check(entry reply: RedisReply, bytes: Int) throws(FuzzFinding) -> String {
        try checkID(reply)
        guard let entry = decode(reply) else { return reply.kind == .array ? "-" : "." }
        let id = reply.elements[0]?.string ?? ""
        try hold("an entry has the id that it says", MessageID(id) == entry.id, "\(entry.id) of \(id)")
        // A byte that is no UTF-8 in a name becomes the three of U+FFFD.
        let size = MessageDraw.size(entry.message)
        try hold("a message is not much larger than its bytes", size <= 3 * bytes, "\(size) of \(bytes)")
        try hold("no header comes of less than four bytes", entry.message.headers.count * 4 <= bytes)
        try checkRoundTrip(entry.message)
        try checkLayouts(entry.message)
        let fields = reply.elements[1]?.elements ?? reply.elements
        try hold("fields alone are the same message", MessageDraw.isSame(EntryDecoder.message(fields), entry.message))
        return "\(entry.message.hasPayload)\(entry.message.key == nil)\(min(entry.message.headers.count, 5))"
    }

    /// Two readers of ids, which were written apart, agree.
    private func checkID(_ reply: RedisReply) throws(FuzzFinding) {
        guard let text = reply.string else { return }
        let expected = text.utf8.contains(UInt8(ascii: "-")) ? MessageID(text) : nil
        try hold("an id is two numbers", EntryDecoder.id(reply) == expected, text)
    }

    private func checkRoundTrip(_ message: Message) throws(FuzzFinding) {
        // Only what somebody packed into the fields of a dead letter can have a header of such a name.
        let special = ["data", "sb-key", "sb-fields", "sb-nothing"]
        if message.headers.contains(where: { special.contains($0.name) }) { return }
        var commands = RedisCommands()
        EntryEncoder.append(message, to: "orders", in: &commands)
        guard let reader = ReplyReader(limits: ReplyLimits()) else { return }
        let command = Self.replies(of: commands.wire, reader).first
        let parts = command?.elements.dropFirst(3).map { ReplyOutcome.wire(of: $0) } ?? []
        let fields = Array("*\(parts.count)\r\n".utf8) + parts.flatMap { $0 }
        let entry = Self.replies(of: Array("*2\r\n$3\r\n1-1\r\n".utf8) + fields, reader).first
        guard let again = entry.flatMap(decode)?.message else { throw FuzzFinding("what is stored is an entry") }
        try hold(
            "what was decoded is the same when it is stored again", MessageDraw.isSame(again, message),
            "\(message.headers.count) headers, then \(again.headers.count)")
    }

    /// Whichever field is the body, what is read and written again has the same fields.
    private func checkLayouts(_ message: Message) throws(FuzzFinding) {
        let names = message.headers.map(\.name).filter { !$0.hasPrefix("sb-") }
        for layout in [.fields, .raw] + names.prefix(2).map({ BodyLayout.field($0) }) {
            let again: Message
            do throws(BrokerError) {
                again = try layout.write(layout.read(message), for: "orders")
            } catch {
                throw FuzzFinding("what was read can be written again", "\(layout): \(error)")
            }
            let isSame = again.key == message.key && Self.sorted(again) == Self.sorted(message)
            try hold("what is read and written again has the same fields", isSame, "\(layout)")
        }
    }

    private static func sorted(_ message: Message) -> [[[UInt8]]] {
        let fields = Message(key: nil, headers: Headers(message.fields)).headers
        return fields.map { [Array($0.name.utf8), $0.value.bytes] }.sorted { left, right in
            left.joined(separator: [0]).lexicographicallyPrecedes(right.joined(separator: [0]))
        }
    }

    static func replies(of bytes: [UInt8], _ reader: ReplyReader) -> [RedisReply] {
        var count = 0
        bytes.withUnsafeBytes { bytes in
            try? reader.read(bytes) { () throws(ReplyRefusal) in count += 1 }
        }
        return Array(reader.take(count))
    }

    private static func values(of message: Message) -> [[UInt8]] {
        message.fields.flatMap { [Array($0.name.utf8), $0.value.bytes] }
    }
}
