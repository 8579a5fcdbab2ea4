// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore
package import BrokerTestKit

/// Draws messages as publishers write them, and some that only others would.
package enum MessageDraw {
    private static let names = ["a", "größe", "trace-id", "content-type", "x", "e\u{301}", "é"]

    /// A message with some of payload, key and headers.
    package static func message(using random: inout SeededGenerator) -> Message {
        var headers: Headers = [:]
        for _ in 0..<Int.random(in: 0...4, using: &random) {
            headers.append(names.randomElement(using: &random) ?? "a", bytes: Payload(bytes(&random)))
        }
        let key = Bool.random(using: &random) ? String(decoding: bytes(&random), as: UTF8.self) : nil
        guard Int.random(in: 0..<5, using: &random) > 0 else { return Message(key: key, headers: headers) }
        return Message(bytes(&random), key: key, headers: headers)
    }

    /// A few bytes, seldom many.
    static func bytes(_ random: inout SeededGenerator) -> [UInt8] {
        let most = Int.random(in: 0..<20, using: &random) == 0 ? 2000 : 12
        return (0..<Int.random(in: 0...most, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    /// How many bytes a message is, by all its parts.
    static func size(_ message: Message) -> Int {
        let headers = message.headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.count }
        return message.payload.count + (message.key?.utf8.count ?? 0) + headers
    }

    /// Whether two messages are equal to the byte: strings compare by what they look like.
    static func isSame(_ left: Message, _ right: Message) -> Bool {
        left == right && left.key.map { Array($0.utf8) } == right.key.map { Array($0.utf8) }
            && left.headers.map { Array($0.name.utf8) } == right.headers.map { Array($0.name.utf8) }
    }
}
