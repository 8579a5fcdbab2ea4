// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Why a configuration cannot be used: everything that is wrong with it, in the order of the file.
public struct ConfigurationError: Error, Sendable {
    /// The problems, at least one.
    public var problems: [ConfigurationProblem]
    /// Whether the input could not be read at all (exit code 66) rather than being wrong (78).
    public var isUnreadable: Bool

    /// Makes an error.
    public init(_ problems: [ConfigurationProblem], isUnreadable: Bool = false) {
        self.problems = problems
        self.isUnreadable = isUnreadable
    }

    /// The code with which a program ends because of it: 66 for input that cannot be read, else 78 (`sysexits.h`).
    public var exitCode: Int32 { isUnreadable ? 66 : 78 }
}

extension ConfigurationError: CustomStringConvertible, CustomDebugStringConvertible {
    /// Every problem as a compiler would print it, with the line and carets under it.
    public var description: String {
        problems.map(\.description).joined(separator: "\n")
    }

    /// The same as ``description``: the runtime prints this one when an error leaves `main`.
    public var debugDescription: String { description }
}
