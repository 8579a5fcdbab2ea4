// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// What may be shown and what may not, by one rule for messages, excerpts and the resolved view.
package enum Redaction {
    private static let words = [
        "password", "passwd", "passphrase", "secret", "token", "credential", "private", "api-key", "apikey", "api_key",
    ]

    /// Whether a key or line speaks of a secret.
    ///
    /// Compares bytes, ASCII letters without their case: searching text by characters made three quarters of the time
    /// that a file of a megabyte took.
    package static func speaksOfSecret(_ text: some StringProtocol) -> Bool {
        let bytes = text.utf8.map { (65...90).contains($0) ? $0 | 0x20 : $0 }
        return bytes.indices.contains { start in
            guard initials[Int(bytes[start])] else { return false }
            return spelled.contains { bytes[start...].starts(with: $0) }
        }
    }

    private static let spelled = words.map { Array($0.utf8) }

    /// Which bytes a word begins with.
    private static let initials: [Bool] = {
        var initials = [Bool](repeating: false, count: 256)
        for word in spelled { initials[Int(word[0])] = true }
        return initials
    }()

    /// Whether the value of a key may be a secret or hold one: an address with a user and password has an `@`, and one
    /// whose author forgot the host has its secret where others have a port.
    package static func mayHoldSecret(_ value: String, of key: String) -> Bool {
        speaksOfSecret(key) || speaksOfSecret(value) || value.utf8.contains(UInt8(ascii: "@"))
            || AddressText.isDoubtful(Array(value.utf8), of: Array(key.utf8))
    }

    /// Whether a line of a file may hold one.
    package static func mayHoldSecret(line: String) -> Bool {
        speaksOfSecret(line) || line.utf8.contains(UInt8(ascii: "@")) || AddressText.isDoubtful(line: Array(line.utf8))
    }
}

/// A text that must not be shown: a password, a token.
///
/// It can be used and not printed: every description of it, and of what holds it, says `***`.
public struct Secret: Sendable, Hashable {
    /// The text itself, for the one who presents it to a server.
    public let value: String

    /// Makes a secret.
    public init(_ value: String) {
        self.value = value
    }

    /// What stands in its place: `***`.
    package static let redacted = "***"
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Always `***`.
    public var description: String { Self.redacted }

    /// Always `***`.
    public var debugDescription: String { Self.redacted }

    /// Nothing to see, also for `dump`.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
