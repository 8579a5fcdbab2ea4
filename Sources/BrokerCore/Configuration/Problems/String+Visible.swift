// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

extension String {
    /// The text with everything that a reader could not see, or that moves other text, written as `\u{…}`.
    package var visible: String {
        unicodeScalars.allSatisfy(\.isPlainlyVisible)
            ? self
            : unicodeScalars.map { $0.isPlainlyVisible ? String($0) : "\\u{\(String($0.value, radix: 16))}" }.joined()
    }

    /// The text in quotes for a message: visible, and cut when it is long.
    package var quoted: String {
        let bound = 64
        return count > bound ? "'\(String(prefix(bound)).visible)…'" : "'\(visible)'"
    }
}

extension Unicode.Scalar {
    /// Whether it is seen where it stands: no control, no direction mark, nothing of zero width.
    package var isPlainlyVisible: Bool {
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        default: !properties.isDefaultIgnorableCodePoint
        }
    }
}
