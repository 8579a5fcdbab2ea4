// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

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
