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
