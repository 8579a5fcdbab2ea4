// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// The rules for messages that are published.
package enum MessageRules {
    /// Throws when a message breaks a rule, before anything is sent.
    package static func check(
        _ message: Message, for stream: StreamName, maximumPayload: Int, layout: BodyLayout = .standard
    ) throws(BrokerError) {
        guard message.payload.count <= maximumPayload else {
            throw BrokerError(
                .payloadTooLarge,
                "a body for \(stream) may have \(maximumPayload) bytes, this one has \(message.payload.count); "
                    + "raise max-payload or store the body elsewhere and publish its place")
        }
        if !message.headers.isEmpty { try check(message.headers, layout) }
        if layout != .standard { try check(try layout.write(message, for: stream).fields.count, for: stream) }
    }

    private static func check(_ fields: Int, for stream: StreamName) throws(BrokerError) {
        guard fields > BodyLayout.maximumFields else { return }
        throw BrokerError(
            .invalidMessage,
            "a message for \(stream) may have \(BodyLayout.maximumFields) fields, this one has \(fields)")
    }

    private static func check(_ headers: Headers, _ layout: BodyLayout) throws(BrokerError) {
        guard headers.count <= Headers.maximumCount else {
            throw BrokerError(
                .invalidMessage,
                "a message may have \(Headers.maximumCount) headers, this one has \(headers.count)")
        }
        var bytes = 0
        for header in headers {
            try check(name: header.name, layout)
            bytes += header.name.utf8.count + header.value.count
        }
        guard bytes <= Headers.maximumBytes else {
            throw BrokerError(
                .invalidMessage,
                "the headers of a message may have \(Headers.maximumBytes) bytes, these have \(bytes)")
        }
    }

    private static func check(name: String, _ layout: BodyLayout) throws(BrokerError) {
        guard !name.isEmpty else { throw BrokerError(.invalidMessage, "a header needs a name") }
        guard !layout.reserves(name) else { throw BrokerError(.invalidMessage, reserved(by: layout)) }
        guard name.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }) else {
            throw BrokerError(.invalidMessage, "a header name may not have control characters")
        }
    }

    private static func reserved(by layout: BodyLayout) -> String {
        let ours = "StreamBroker's own; choose another name"
        guard case .field(let body) = layout else { return "the header names '\(ReservedHeaders.prefix)…' are \(ours)" }
        return "the header names \(body.quoted) and '\(ReservedHeaders.prefix)…' are \(ours)"
    }
}
