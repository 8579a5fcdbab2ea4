// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// The rig itself could not do what a test asked of it.
package struct RigFailure: Error, CustomStringConvertible {
    /// Why.
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
