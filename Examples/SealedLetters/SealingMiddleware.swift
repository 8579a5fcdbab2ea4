// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import StreamBroker

/// Encrypts bodies, so that whoever reads the server sees none: ChaCha20-Poly1305 with a key that all processes share.
///
/// Put it first, nearest to the broker: what comes behind it sees bodies in clear. Headers and keys stay readable, since
/// the broker needs them.
struct SealingMiddleware: BrokerMiddleware {
    let key: SymmetricKey

    func handle(_ delivery: Delivery, next: DeliveryHandler) async throws {
        var delivery = delivery
        do {
            delivery.message = try opened(delivery.message)
        } catch {
            // No attempt will help: the message was sealed with another key, or not at all.
            throw Reject("the body cannot be opened")
        }
        try await next(delivery)
    }

    func prepare(_ outbound: OutboundMessage) async throws -> Message {
        var message = outbound.message
        message.payload = Payload(Array(try ChaChaPoly.seal(Data(message.payload.bytes), using: key).combined))
        return message
    }

    func receive(reply: Message, of stream: StreamName) async throws -> Message {
        try opened(reply)
    }

    private func opened(_ message: Message) throws -> Message {
        var message = message
        let box = try ChaChaPoly.SealedBox(combined: Data(message.payload.bytes))
        message.payload = Payload(Array(try ChaChaPoly.open(box, using: key)))
        return message
    }
}

extension SealingMiddleware {
    /// The key of `LETTERS_KEY`, 64 hexadecimal digits; without one a key of this process alone. `nil` when the
    /// variable holds something else.
    static func fromEnvironment() -> SealingMiddleware? {
        guard let text = ProcessInfo.processInfo.environment["LETTERS_KEY"] else {
            return SealingMiddleware(key: SymmetricKey(size: .bits256))
        }
        let digits = text.compactMap(\.hexDigitValue)
        guard digits.count == 64, text.count == 64 else { return nil }
        let bytes = stride(from: 0, to: 64, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
        return SealingMiddleware(key: SymmetricKey(data: bytes))
    }
}
