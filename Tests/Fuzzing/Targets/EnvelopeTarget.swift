// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore
import BrokerRedis
package import BrokerTestKit

/// Bytes of a channel: every one is a message, an envelope to the last byte or else its own payload.
package struct EnvelopeTarget: FuzzTarget {
    private let decode: @Sendable ([UInt8]) -> Message
    private let encode: @Sendable (Message) -> Payload

    /// Makes a target; a test may plant mistakes.
    package init(
        decode: @escaping @Sendable ([UInt8]) -> Message = { LiveEnvelope.decode($0) },
        encode: @escaping @Sendable (Message) -> Payload = { LiveEnvelope.encode($0) }
    ) {
        self.decode = decode
        self.encode = encode
    }

    package let name = "envelope"
    package let words = [
        "\0\0\0\0", "\0\0\0\u{1}", "\0\0\0\u{1}a", "\u{7F}\0\0\0", "SBL\0\u{1}", "SBL\0\u{1}\u{3}", "\0\0\u{1}\0",
    ]

    package func makeInput(using random: inout SeededGenerator) -> [UInt8] {
        encode(MessageDraw.message(using: &random)).bytes
    }

    package func check(_ input: [UInt8]) throws(FuzzFinding) -> String {
        let message = decode(input)
        try hold("a message is not larger than its bytes", MessageDraw.size(message) <= input.count)
        try hold("no header takes less than nine bytes", message.headers.count * 9 <= input.count)
        let bytes = encode(message).bytes
        try hold("what was decoded is decoded again when it is encoded", MessageDraw.isSame(decode(bytes), message))
        let isBare = message.hasPayload && message.key == nil && message.headers.isEmpty
        if isBare {
            let isWhole = message.payload.bytes == input
            try hold("what is no envelope is a payload to the last byte", isWhole || input.first == 0xF5)
            return isWhole ? "payload \(input.first == 0xF5)" : "wrapped"
        }
        try hold("an envelope has one way to be written", bytes == input, "\(bytes.count) bytes of \(input.count)")
        return "envelope \(message.hasPayload) \(message.key == nil) \(min(message.headers.count, 5))"
    }
}
