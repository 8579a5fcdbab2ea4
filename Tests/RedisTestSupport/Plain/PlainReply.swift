// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// A reply as a server sent it, read without the product.
package enum PlainReply: Sendable, Equatable {
    /// A status or a text.
    case text(String)
    /// An error.
    case error(String)
    /// An integer.
    case integer(Int)
    /// An absent text or array.
    case null
    /// Values in order.
    case array([PlainReply])

    /// The text of a status, text or error; else `nil`.
    package var string: String? {
        switch self {
        case .text(let text), .error(let text): text
        case .integer, .null, .array: nil
        }
    }

    /// The text of an error; else `nil`.
    package var errorText: String? {
        guard case .error(let text) = self else { return nil }
        return text
    }

    /// The value of an integer, or of a text that spells one; else `nil`.
    package var integer: Int? {
        guard case .integer(let value) = self else { return string.flatMap { Int($0) } }
        return value
    }

    /// The elements of an array; none for everything else.
    package var elements: [PlainReply] {
        guard case .array(let elements) = self else { return [] }
        return elements
    }

    /// The values of an array that names each of them, as `SENTINEL MASTER` has it.
    package var fields: [String: PlainReply] {
        let elements = elements
        return stride(from: 0, to: elements.count - 1, by: 2).reduce(into: [:]) { fields, place in
            fields[elements[place].string ?? ""] = elements[place + 1]
        }
    }
}
