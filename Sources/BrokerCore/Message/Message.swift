// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// What is published: a body, an optional ordering key, and headers.
public struct Message: Sendable, Hashable {
    /// The body; empty when the message has none.
    public var payload: Payload
    /// Whether the message has a body at all, which tells an empty one from an absent one.
    public var hasPayload: Bool
    /// Messages of equal keys are handled in order by groups with `ordering: key`; `nil` is unordered.
    public var key: String?
    /// Names and values beside the body.
    public var headers: Headers

    /// Makes a message of a body.
    public init(_ payload: Payload, key: String? = nil, headers: Headers = [:]) {
        self.payload = payload
        self.key = key
        self.headers = headers
        hasPayload = true
    }

    /// Makes a message of bytes.
    public init(_ bytes: [UInt8], key: String? = nil, headers: Headers = [:]) {
        self.init(Payload(bytes), key: key, headers: headers)
    }

    /// Makes a message without a body: its key and headers say everything.
    public init(key: String? = nil, headers: Headers) {
        payload = .empty
        self.key = key
        self.headers = headers
        hasPayload = false
    }
}

extension Message {
    /// The message as one list of names and values, for backends that store it so: the body as `data`, when it has one,
    /// the ordering key as `sb-key`, when it has one, then the headers.
    public var fields: [Headers.Header] {
        let body = hasPayload ? [Headers.Header(name: ReservedHeaders.payload, value: payload)] : []
        let order = key.map { [Headers.Header(name: ReservedHeaders.key, value: Payload($0))] } ?? []
        return body + order + headers
    }

    /// Makes a message of what ``fields`` gave; the first body and the first key count.
    public init(fields: [Headers.Header]) {
        let body = fields.first { $0.name == ReservedHeaders.payload }?.value
        let key = fields.first { $0.name == ReservedHeaders.key }?.value.string
        let headers = fields.filter { $0.name != ReservedHeaders.payload && $0.name != ReservedHeaders.key }
        self.init(key: key, headers: Headers(headers))
        if let body { (payload, hasPayload) = (body, true) }
    }
}

/// Messages that stay: what came together shares its bytes, and each part keeps all of them in memory.
extension Message {
    /// Less than this is not worth a copy.
    private static let worthCopying = 64 << 10

    /// Whether the message keeps far more bytes in memory than it has.
    package var sharesMuch: Bool {
        let shared = hasPayload ? payload.storageCount : headers.first?.value.storageCount ?? 0
        return shared >= Self.worthCopying && shared / 2 > payload.count
    }

    /// The same message on storage of its own.
    package func detached() -> Message {
        var message = self
        message.payload = payload.detached()
        message.headers = Headers(headers.map { Headers.Header(name: $0.name, value: $0.value.detached()) })
        return message
    }
}
