// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// One row of the key table: a key of `brokers.yaml`, where it may stand, what it takes and what holds without it.
package struct ConfigurationKey: Sendable {
    /// Where a key may stand. Closed by design: the file has these places.
    package enum Place: String, Sendable, CaseIterable {
        case top, broker, defaults, stream, group
    }

    /// The key, with the one it stands in: `retry.attempts`.
    package var components: [String]
    /// Where it may stand; the nearest wins.
    package var places: [Place]
    /// What it takes.
    package var kind: ConfigurationKind
    /// What holds without it, as it is written; words for what cannot be written.
    package var standard: String
    /// What it is, in a sentence.
    package var summary: String

    /// Makes a row of a key's name, in which a dot separates it from the one it stands in.
    package init(
        _ name: String, _ places: [Place], _ kind: ConfigurationKind, _ standard: String, _ summary: String
    ) {
        components = name.split(separator: ".").map(String.init)
        self.places = places
        self.kind = kind
        self.standard = standard
        self.summary = summary
    }

    /// The key as it is spoken of.
    package var name: String { components.joined(separator: ".") }
}
