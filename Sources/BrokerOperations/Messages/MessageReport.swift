// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// A message as an operator sees it.
public struct MessageReport: Sendable, Hashable, Codable {
    /// One header.
    public struct Header: Sendable, Hashable, Codable {
        /// Its name.
        public var name: String
        /// Its value. Bytes that are no UTF-8 are replaced.
        public var value: String
    }

    /// The version of this form.
    public var schemaVersion = 1
    /// Its stream.
    public var stream: String
    /// Its id.
    public var id: String
    /// When it was stored, by its id.
    public var storedAt: String
    /// Its ordering key.
    @OrNull public var key: String?
    /// Its headers, in their order.
    public var headers: [Header]
    /// How many bytes its body has; `null` if it has none.
    @OrNull public var size: Int?
    /// Its body; `null` if it has none, or if it is no UTF-8.
    @OrNull public var body: String?
    /// Its body as base64 if it is no UTF-8; otherwise `null`.
    @OrNull public var bodyBase64: String?

    init(_ stored: StoredMessage, of stream: StreamName) {
        let message = stored.message
        self.stream = stream.text
        id = "\(stored.id)"
        storedAt = stored.id.storedAt
        key = message.key
        headers = message.headers.map { Header(name: $0.name, value: $0.value.string) }
        guard message.hasPayload else { return }
        size = message.payload.count
        body = String(validating: message.payload.bytes, as: UTF8.self)
        if body == nil { bodyBase64 = Base64.text(of: message.payload.bytes) }
    }
}

/// Messages of one stream: ``Operations/newest(_:of:on:)`` and ``Operations/messages(after:of:on:limit:wait:)``.
public struct MessagesReport: Sendable, Hashable, Codable {
    /// The version of this form.
    public var schemaVersion = 1
    /// The messages, oldest first.
    public var messages: [MessageReport]

    /// Makes a report.
    public init(messages: [MessageReport]) {
        self.messages = messages
    }
}

/// What a search found, and how far it looked: ``Operations/find(_:in:on:after:limit:scan:)``.
public struct SearchReport: Sendable, Hashable, Codable {
    /// The version of this form.
    public var schemaVersion = 1
    /// What was found, oldest first.
    public var messages: [MessageReport]
    /// How many messages were looked at.
    public var scanned: Int
    /// The last message that was looked at; `null` if there was none. A search after it goes on.
    @OrNull public var lastID: String?
    /// Whether the end of the stream was reached.
    public var isComplete: Bool
}

/// The result of publishing a message.
public struct PublishReport: Sendable, Hashable, Codable {
    /// The version of this form.
    public var schemaVersion = 1
    /// The stream.
    public var stream: String
    /// Which of the messages of the command it is, from 1.
    public var number: Int
    /// The id of the entry; `null` if it is not stored.
    @OrNull public var id: String?
    /// Whether the stream had it already.
    public var isDuplicate: Bool
    /// How many replicas confirmed it; `null` if they were not asked.
    @OrNull public var replicas: Int?
    /// Why it failed; `null` if it did not.
    @OrNull public var error: String?
}

/// Base64 as RFC 4648 has it.
package enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// Returns bytes as text.
    package static func text(of bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for position in 0...group.count { text.append(alphabet[bits >> (18 - 6 * position) & 63]) }
            text += [UInt8](repeating: UInt8(ascii: "="), count: 3 - group.count)
        }
        return String(decoding: text, as: UTF8.self)
    }
}
