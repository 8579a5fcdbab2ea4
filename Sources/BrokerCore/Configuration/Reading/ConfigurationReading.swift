// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// One value that was read from a configuration: what it is and who said it.
package struct ConfigurationReading: Sendable, Hashable {
    /// Where it belongs.
    package var path: ConfigurationPath
    /// The value as text, with secrets redacted.
    package var text: String
    /// Where it stands; `nil` for a default, and for what was built in code.
    package var position: SourcePosition?
    /// Who said it; `nil` for a default.
    package var origin: ConfigurationOrigin?

    /// Makes a reading.
    package init(
        path: ConfigurationPath, text: String, position: SourcePosition? = nil, origin: ConfigurationOrigin? = nil
    ) {
        self.path = path
        self.text = text
        self.position = position
        self.origin = origin
    }
}
