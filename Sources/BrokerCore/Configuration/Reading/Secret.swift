// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

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
