// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Which environment applies, and who chose it.
package struct EnvironmentSelection: Sendable, Hashable {
    /// The name.
    package var name: String
    /// Who chose it, for messages: `--env`, `STREAMBROKER_ENV`.
    package var source: String

    /// The variable that chooses when nobody else does.
    package static let variable = "STREAMBROKER_ENV"

    /// What was asked for, else what the variable says, else nothing; an empty text says nothing.
    package init?(asked name: String?, variables: [String: String]) {
        if let name, !name.isEmpty {
            self.init(name: name, source: "asked for")
        } else if let name = variables[Self.variable], !name.isEmpty {
            self.init(name: name, source: "chosen by \(Self.variable)")
        } else {
            return nil
        }
    }

    /// Makes a selection.
    package init(name: String, source: String) {
        self.name = name
        self.source = source
    }
}
