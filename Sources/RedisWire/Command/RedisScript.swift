// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// A Lua script and the name by which the server remembers it.
package struct RedisScript: Sendable, Hashable {
    /// The text that is sent when the server does not know the script.
    package let text: String
    /// The SHA-1 of the text in 40 hexadecimal digits, as EVALSHA takes it.
    package let digest: String

    /// Makes a script.
    package init(_ text: String) {
        self.text = text
        digest = SHA1.hexadecimal(of: text.utf8)
    }
}
