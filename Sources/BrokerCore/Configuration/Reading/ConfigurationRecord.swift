// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// What a reader noted down while it read, beside the values that it returned.
package struct ConfigurationRecord: Sendable {
    /// What is wrong.
    package var problems: [ConfigurationProblem] = []
    /// Every value that is known, in the order in which it was asked for.
    package var readings: [ConfigurationReading] = []
    /// Every key that was asked for, written or not.
    package var asked: [ConfigurationPath] = []
    /// Where each key stands that is written.
    package var positions: [ConfigurationPath: SourcePosition] = [:]
    /// The variables that texts were taken from, by text.
    package var variables: [String: String] = [:]
    /// Keys whose value could not be used; nothing more is concluded from them.
    package var doubtful: Set<ConfigurationPath> = []

    /// Takes over what another reader noted.
    package mutating func merge(_ other: ConfigurationRecord) {
        problems += other.problems
        readings += other.readings
        asked += other.asked
        positions.merge(other.positions) { first, _ in first }
        variables.merge(other.variables) { first, _ in first }
        doubtful.formUnion(other.doubtful)
    }
}
