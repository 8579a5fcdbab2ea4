// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// How key and headers travel with a payload over Pub/Sub, where a message is only bytes.
///
///     F5 53 42 4C 00    no text begins like this: F5 never occurs in UTF-8, and there is a zero
///     01                the version
///     flags             1: there is a payload; 2: there is a key
///     key               its length, its bytes; only with flag 2
///     headers           their number; then for each the length and bytes of its name, and those of its value
///     payload           its length, its bytes; only with flag 1
///
/// Lengths and numbers have four bytes, the most significant first. A message with a payload and nothing else is sent
/// as the payload alone, unless that begins like an envelope. Bytes that are no complete envelope are a payload.
package enum LiveEnvelope {
    private static let magic: [UInt8] = [0xF5, 0x53, 0x42, 0x4C, 0x00]
    private static let version: UInt8 = 1
    private static let payloadFlag: UInt8 = 1
    private static let keyFlag: UInt8 = 2

    /// An envelope adds less than this to a body, unless its key is huge.
    package static let usualOverhead = 64 << 10

    /// Returns the number of bytes that ``encode(_:)`` makes of a message.
    package static func size(of message: Message) -> Int {
        if isPlain(message) { return message.payload.count }
        let key = message.key.map { 4 + $0.utf8.count } ?? 0
        let headers = message.headers.reduce(4) { $0 + 8 + $1.name.utf8.count + $1.value.count }
        return magic.count + 2 + key + headers + (message.hasPayload ? 4 + message.payload.count : 0)
    }

    /// Returns the bytes that are published for a message.
    package static func encode(_ message: Message) -> Payload {
        if isPlain(message) { return message.payload }
        let flags = (message.hasPayload ? payloadFlag : 0) | (message.key == nil ? 0 : keyFlag)
        var bytes = magic + [version, flags]
        bytes.reserveCapacity(bytes.count + 64 + message.payload.count)
        if let key = message.key { append(Payload(key), to: &bytes) }
        append(message.headers.count, to: &bytes)
        for header in message.headers {
            append(Payload(header.name), to: &bytes)
            append(header.value, to: &bytes)
        }
        if message.hasPayload { append(message.payload, to: &bytes) }
        return Payload(bytes)
    }

    /// Returns the message of these bytes, without copying them.
    package static func decode(_ bytes: [UInt8]) -> Message {
        envelope(bytes) ?? Message(Payload(bytes))
    }

    private static func envelope(_ bytes: [UInt8]) -> Message? {
        guard bytes.starts(with: magic), bytes.count >= magic.count + 2, bytes[magic.count] == version else {
            return nil
        }
        let flags = bytes[magic.count + 1]
        guard flags & ~(payloadFlag | keyFlag) == 0 else { return nil }
        var reader = EnvelopeReader(bytes, from: magic.count + 2)
        var message = Message(headers: [:])
        if flags & keyFlag != 0 {
            guard let key = reader.text() else { return nil }
            message.key = key
        }
        guard let headers = reader.headers() else { return nil }
        message.headers = headers
        if flags & payloadFlag != 0 {
            guard let payload = reader.part() else { return nil }
            message.payload = payload
            message.hasPayload = true
        }
        return reader.isAtEnd ? message : nil
    }

    private static func isPlain(_ message: Message) -> Bool {
        message.hasPayload && message.key == nil && message.headers.isEmpty && !beginsWithMagic(message.payload)
    }

    private static func beginsWithMagic(_ payload: Payload) -> Bool {
        payload.withUnsafeBytes { $0.starts(with: magic) }
    }

    private static func append(_ number: Int, to bytes: inout [UInt8]) {
        for shift in [24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
    }

    private static func append(_ part: Payload, to bytes: inout [UInt8]) {
        append(part.count, to: &bytes)
        part.withUnsafeBytes { bytes.append(contentsOf: $0) }
    }
}

/// Reads the parts of an envelope, and checks every length.
private struct EnvelopeReader {
    private let bytes: [UInt8]
    private var position: Int

    init(_ bytes: [UInt8], from position: Int) {
        self.bytes = bytes
        self.position = position
    }

    var isAtEnd: Bool { position == bytes.count }

    mutating func number() -> Int? {
        guard bytes.count - position >= 4 else { return nil }
        defer { position += 4 }
        return bytes[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
    }

    mutating func part() -> Payload? {
        guard let length = number(), length <= bytes.count - position else { return nil }
        defer { position += length }
        return Payload(storage: bytes, window: position..<position + length)
    }

    mutating func text() -> String? {
        guard let part = part() else { return nil }
        return part.withUnsafeBytes { String(validating: $0, as: UTF8.self) }
    }

    mutating func headers() -> Headers? {
        // Each header has at least two lengths and a name, so a wrong number reserves nothing.
        guard let count = number(), count <= (bytes.count - position) / 9 else { return nil }
        var headers: [Headers.Header] = []
        headers.reserveCapacity(count)
        for _ in 0..<count {
            guard let name = text(), !name.isEmpty, let value = part() else { return nil }
            headers.append(Headers.Header(name: name, value: value))
        }
        return Headers(headers)
    }
}
