// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

extension ConfigurationKeys {
    /// The key table as Markdown; `docs/configuration.md` holds it word for word.
    package static var markdown: String { markdown(of: all) }

    /// Some rows as Markdown: those of the file, or those of a provider.
    package static func markdown(of keys: [ConfigurationKey]) -> String {
        let head = ["| key | where | takes | default | meaning |", "|---|---|---|---|---|"]
        let rows = keys.map { key in
            let places = key.places.map(\.rawValue).joined(separator: ", ")
            let isWords = key.standard.contains(" ") || ["none", "required"].contains(key.standard)
            let standard = isWords ? key.standard : "`\(key.standard)`"
            return "| `\(key.name)` | \(places) | \(key.kind.expectation) | \(standard) | \(key.summary) |"
        }
        return (head + rows).joined(separator: "\n")
    }
}
