// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// A message to publish: a body, an optional ordering key, and headers.
public struct Message: Sendable, Hashable {
    /// The body; empty when the message has none.
    public var payload: Payload
    /// Whether the message has a body. This distinguishes an empty body from a missing one.
    public var hasPayload: Bool
    /// The ordering key. Groups with `ordering: key` handle messages with equal keys in order. `nil` (the default) is
    /// unordered.
    public var key: String?
    /// Names and values that accompany the body.
    public var headers: Headers

    /// Makes a message with a body.
    public init(_ payload: Payload, key: String? = nil, headers: Headers = [:]) {
        self.payload = payload
        self.key = key
        self.headers = headers
        hasPayload = true
    }

    /// Makes a message whose body is these bytes.
    public init(_ bytes: [UInt8], key: String? = nil, headers: Headers = [:]) {
        self.init(Payload(bytes), key: key, headers: headers)
    }

    /// Makes a message whose body is this text, as UTF-8.
    public init(_ text: String, key: String? = nil, headers: Headers = [:]) {
        self.init(Payload(text), key: key, headers: headers)
    }

    /// Makes a message without a body.
    public init(key: String? = nil, headers: Headers) {
        payload = .empty
        self.key = key
        self.headers = headers
        hasPayload = false
    }
}

extension Message {
    /// The message as one list of names and values, for backends that store messages as fields: the body as `data` if
    /// there is one, the ordering key as `sb-key` if there is one, then the headers.
    public var fields: [Headers.Header] {
        let body = hasPayload ? [Headers.Header(name: ReservedHeaders.payload, value: payload)] : []
        let order = key.map { [Headers.Header(name: ReservedHeaders.key, value: Payload($0))] } ?? []
        return body + order + headers
    }

    /// Makes a message from the list that ``fields`` returned. The first body and the first key count.
    public init(fields: [Headers.Header]) {
        let body = fields.first { $0.name == ReservedHeaders.payload }?.value
        let key = fields.first { $0.name == ReservedHeaders.key }?.value.string
        let headers = fields.filter { $0.name != ReservedHeaders.payload && $0.name != ReservedHeaders.key }
        self.init(key: key, headers: Headers(headers))
        if let body { (payload, hasPayload) = (body, true) }
    }
}

extension Message {
    /// How large it is, nearly: the bytes of its body, or of all values if other programs wrote it without one.
    package var size: Int {
        hasPayload ? payload.count : headers.reduce(0) { $0 + $1.value.count }
    }
}

/// For messages that stay in memory: messages that came in one read share storage, and each of them keeps all of it
/// alive.
extension Message {
    /// Smaller storage is not worth a copy.
    private static let worthCopying = 64 << 10

    /// Whether the message keeps far more bytes alive than it has itself.
    package var sharesMuch: Bool {
        let shared = hasPayload ? payload.storageCount : headers.first?.value.storageCount ?? 0
        return shared >= Self.worthCopying && shared / 2 > payload.count
    }

    /// Returns the same message with storage of its own.
    package func detached() -> Message {
        var message = self
        message.payload = payload.detached()
        message.headers = Headers(headers.map { Headers.Header(name: $0.name, value: $0.value.detached()) })
        return message
    }
}
