// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// A key and its value in one text, since the space behind the colon is missing: `provider:memory`.
struct ColonWithoutSpace {
    let key: String
    private let value: String

    /// Finds them in a text; `nil` if it has no such colon. An address is none.
    init?(in text: String) {
        guard let colon = text.firstIndex(of: ":") else { return nil }
        let key = text[..<colon]
        let value = text[text.index(after: colon)...]
        let isKey = key.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) }
        guard isKey, key.first?.isLetter == true, let first = value.first, first != " ", !value.hasPrefix("//") else {
            return nil
        }
        (self.key, self.value) = (String(key), String(value))
    }

    /// Whether the value may be a secret, which is not shown.
    var isSecret: Bool { Redaction.mayHoldSecret(value, of: key) }

    /// The cure, for the end of a sentence.
    var phrase: String {
        isSecret
            ? "; write a space after the colon"
            : "; write a space after the colon: \("\(key): \(value)".quoted)"
    }
}
