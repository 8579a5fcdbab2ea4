// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

extension ConfigurationNode {
    /// How many nodes it has, itself included, and how deep they lie.
    var size: (nodes: Int, depth: Int) {
        let inner: [ConfigurationNode]
        switch value {
        case .null, .scalar: return (1, 1)
        case .list(let nodes): inner = nodes
        case .map(let entries): inner = entries.map(\.node)
        }
        let sizes = inner.map(\.size)
        return (sizes.reduce(1) { $0 + $1.nodes }, 1 + (sizes.map(\.depth).max() ?? 0))
    }

    /// The tree as YAML in one line, every text in quotes.
    var quotedYAML: String {
        switch value {
        case .null: "null"
        case .scalar(let text, _): text.inQuotes
        case .list(let nodes): "[\(nodes.map(\.quotedYAML).joined(separator: ", "))]"
        // A key in quotes may be longer than what may stand before a colon, unless it is marked.
        case .map(let entries):
            "{\(entries.map { "? \($0.key.inQuotes) : \($0.node.quotedYAML)" }.joined(separator: ", "))}"
        }
    }
}

extension String {
    /// The text as YAML reads it in double quotes, whatever is in it.
    fileprivate var inQuotes: String {
        let parts = unicodeScalars.map { scalar in
            switch scalar.value {
            case 0x20, 0x21, 0x23...0x5B, 0x5D...0x7E: String(scalar)
            case 0...0xFFFF: "\\u" + scalar.hexadecimal(digits: 4)
            default: "\\U" + scalar.hexadecimal(digits: 8)
            }
        }
        return "\"\(parts.joined())\""
    }
}

extension Unicode.Scalar {
    fileprivate func hexadecimal(digits: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: digits - text.count) + text
    }
}
