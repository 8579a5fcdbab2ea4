// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

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
