// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Decides what may be shown: one rule for messages, excerpts and the resolved view.
package enum Redaction {
    private static let words = [
        "password", "passwd", "passphrase", "secret", "token", "credential", "private", "api-key", "apikey", "api_key",
    ]

    /// Returns whether a key or line mentions a secret.
    ///
    /// It compares bytes and ignores the case of ASCII letters: a search by characters took three quarters of the time
    /// for a file of a megabyte.
    package static func speaksOfSecret(_ text: some StringProtocol) -> Bool {
        let bytes = text.utf8.map { (65...90).contains($0) ? $0 | 0x20 : $0 }
        return bytes.indices.contains { start in
            guard initials[Int(bytes[start])] else { return false }
            return spelled.contains { bytes[start...].starts(with: $0) }
        }
    }

    private static let spelled = words.map { Array($0.utf8) }

    /// The bytes with which words begin.
    private static let initials: [Bool] = {
        var initials = [Bool](repeating: false, count: 256)
        for word in spelled { initials[Int(word[0])] = true }
        return initials
    }()

    /// Returns whether the value of a key may be or contain a secret. An address with a user and password has an `@`,
    /// and one without a host has its secret in the place of a port.
    package static func mayHoldSecret(_ value: String, of key: String) -> Bool {
        speaksOfSecret(key) || speaksOfSecret(value) || value.utf8.contains(UInt8(ascii: "@"))
            || AddressText.isDoubtful(Array(value.utf8), of: Array(key.utf8))
    }

    /// Returns whether a line of a file may contain a secret.
    package static func mayHoldSecret(line: String) -> Bool {
        speaksOfSecret(line) || line.utf8.contains(UInt8(ascii: "@")) || AddressText.isDoubtful(line: Array(line.utf8))
    }
}

/// A text that must not be shown, such as a password or a token.
///
/// It can be used and not printed: its description, and that of a value that contains it, is `***`.
public struct Secret: Sendable, Hashable {
    /// The text itself, to pass it to a server.
    public let value: String

    /// Makes a secret.
    public init(_ value: String) {
        self.value = value
    }

    /// The text that is shown instead: `***`.
    package static let redacted = "***"
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Always `***`.
    public var description: String { Self.redacted }

    /// Always `***`.
    public var debugDescription: String { Self.redacted }

    /// An empty mirror, so that `dump` shows nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
