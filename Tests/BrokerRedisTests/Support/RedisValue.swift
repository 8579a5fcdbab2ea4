// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import RedisWire

/// What a server answered, as a value that compares.
enum RedisValue: Sendable, Hashable {
    case integer(Int)
    case text(String)
    case array([RedisValue])
    case error(String)
    case null

    init(_ reply: RedisReply) {
        switch reply.kind {
        case .integer: self = .integer(reply.integer ?? 0)
        case .text, .status: self = .text(reply.string ?? "")
        case .array: self = .array(reply.elements.map { RedisValue($0) })
        case .error: self = .error(reply.string ?? "")
        case .null: self = .null
        }
    }

    /// The elements of an array; none for everything else.
    var elements: [RedisValue] {
        if case .array(let elements) = self { elements } else { [] }
    }

    /// A text, or an integer in decimal digits; empty for everything else.
    var text: String {
        switch self {
        case .text(let text), .error(let text): text
        case .integer(let number): "\(number)"
        case .array, .null: ""
        }
    }

    /// An integer, or a text that spells one; 0 for everything else.
    var integer: Int { Int(text) ?? 0 }

    /// The texts of an array.
    var texts: [String] { elements.map(\.text) }

    /// The first word of an error; empty for everything else.
    var errorCode: String {
        if case .error(let text) = self { String(text.prefix { $0 != " " }) } else { "" }
    }
}

extension RedisValue: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral {
    init(integerLiteral value: Int) { self = .integer(value) }
    init(stringLiteral value: String) { self = .text(value) }
    init(arrayLiteral elements: RedisValue...) { self = .array(elements) }
}
